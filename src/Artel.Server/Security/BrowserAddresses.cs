using System.Net;
using System.Security.Cryptography;
using System.Text;
using Artel.Dashboard.Hosting;

namespace Artel.Server.Security;

/// <summary>
/// Tells where a call comes from. The server's own dashboard calls it for browsers: such a call counts as coming from the
/// browser's address, and a key of this process proves that it is the dashboard that says so. Any thread may call.
/// </summary>
internal sealed class BrowserAddresses
{
    private readonly string _key = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The value of <see cref="DashboardConnection.AddressHeader"/> for a browser's address.</summary>
    public string Vouch(string address) => $"{_key} {address}";

    /// <summary>The address of the browser if the dashboard makes the call, else that of the connection.</summary>
    public IPAddress? Of(HttpContext context) => Vouched(context) ?? context.Connection.RemoteIpAddress;

    private IPAddress? Vouched(HttpContext context)
    {
        if (context.Request.Headers[DashboardConnection.AddressHeader] is not [{ } header]
            || header.IndexOf(' ', StringComparison.Ordinal) is not (>= 0 and var space))
        {
            return null;
        }

        var isOurs = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[..space]), Encoding.UTF8.GetBytes(_key));
        return isOurs && IPAddress.TryParse(header.AsSpan(space + 1), out var address) ? address : null;
    }
}

using System.Globalization;
using System.Net;

namespace Artel.Server.Hosting;

/// <summary>Where to listen, <c>HOST:PORT</c>: an address, <c>localhost</c>, or <c>*</c> for all.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    public bool IsAny => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    public override string ToString() => new IPEndPoint(Address, Port).ToString();

    /// <summary>Null, with what would be right, where the text is no such address.</summary>
    public static ListenAddress? Parse(string text, out string error)
    {
        error = $"'{text}' is no address to listen on: write HOST:PORT, such as 127.0.0.1:7070, 0.0.0.0:7070 or [::]:7070";
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port > IPEndPoint.MaxPort)
        {
            return null;
        }

        var host = text[..colon];
        return host switch
        {
            "*" or "" => new ListenAddress(IPAddress.IPv6Any, port),
            "localhost" => new ListenAddress(IPAddress.Loopback, port),
            _ when IPAddress.TryParse(host.Trim('[', ']'), out var address) => new ListenAddress(address, port),
            _ => null,
        };
    }
}

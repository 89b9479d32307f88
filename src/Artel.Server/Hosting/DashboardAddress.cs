namespace Artel.Server.Hosting;

/// <summary>
/// Where browsers of the server's own machine reach the dashboard without TLS, on a loopback address. Others reach it over TLS where the server
/// listens.
/// </summary>
/// <param name="Address">Null: there is no dashboard at all.</param>
/// <param name="IsAsked">Someone chose it: a server that can not listen there does not start. By default one goes without.</param>
internal sealed record DashboardAddress(ListenAddress? Address, bool IsAsked)
{
    public const string Default = "127.0.0.1:7071";

    private const string NoneWord = "none";

    public static DashboardAddress None { get; } = new(null, true);

    public bool IsOn => Address is not null;

    /// <summary>Null, with what would be right, where the text says no such place.</summary>
    /// <param name="text">As on the command line; null: the default.</param>
    public static DashboardAddress? Parse(string? text, out string error)
    {
        if (text == NoneWord)
        {
            error = "";
            return None;
        }

        if (ListenAddress.Parse(text ?? Default, out error) is not { } address)
        {
            error = $"--dashboard: {error}, or '{NoneWord}'";
            return null;
        }

        if (!address.IsLoopback)
        {
            error = $"--dashboard {text}: without TLS it is served on loopback only, such as {Default}; others reach it with https:// where the server listens";
            return null;
        }

        return new DashboardAddress(address, text is not null);
    }
}

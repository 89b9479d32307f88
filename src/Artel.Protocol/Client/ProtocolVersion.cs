using System.Globalization;

namespace Artel.Protocol.Client;

/// <summary>The version of the wire (not of the program). Peers at most one minor version apart work together.</summary>
public readonly record struct ProtocolVersion(int Major, int Minor)
{
    /// <summary>Name of the header, in both directions, that carries it.</summary>
    public const string Header = "artel-protocol";

    /// <summary>What this build speaks.</summary>
    public static ProtocolVersion Current { get; } = new(1, 0);

    /// <summary>Reads <c>MAJOR.MINOR</c>.</summary>
    public static bool TryParse(string? text, out ProtocolVersion version)
    {
        version = default;
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot <= 0
            || !int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }

        version = new ProtocolVersion(major, minor);
        return true;
    }

    /// <summary>Whether two peers understand each other.</summary>
    public bool WorksWith(ProtocolVersion other) => Major == other.Major && Math.Abs(Minor - other.Minor) <= 1;

    /// <summary>Says which of two peers that do not understand each other must be updated.</summary>
    /// <param name="server">What the server speaks.</param>
    /// <param name="peer">What the other side speaks.</param>
    /// <param name="peerName">The other side, as in "this artel".</param>
    public static string Refusal(ProtocolVersion server, ProtocolVersion peer, string peerName)
    {
        var serverIsOlder = (server.Major, server.Minor).CompareTo((peer.Major, peer.Minor)) < 0;
        var older = serverIsOlder ? "the server" : peerName;
        return $"protocol {peer} of {peerName} and {server} of the server are too far apart: update {older}";
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}

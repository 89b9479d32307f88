namespace Artel.Protocol.Maps;

/// <summary>Paths in a job. The node that runs it may have another system than the one that submits it.</summary>
internal static class Paths
{
    /// <summary>Absolute on some system: <c>/data</c>, <c>C:\data</c>, <c>\\host\share</c>.</summary>
    public static bool IsAbsolute(string path) =>
        path.StartsWith('/')
        || path.StartsWith(@"\\", StringComparison.Ordinal)
        || (path.Length >= 3 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '\\' or '/');
}

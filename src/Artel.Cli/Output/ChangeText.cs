namespace Artel.Cli.Output;

/// <summary>
/// Changes of a job's terms, as the server keeps them: the time (<c>2026-03-01 08:00:00Z</c>), then the change.
/// </summary>
internal static class ChangeText
{
    private const int TimeLength = 20;

    /// <summary>The change without its time.</summary>
    public static string Of(string change) => change.Length > TimeLength ? change[TimeLength..].TrimStart() : change;
}

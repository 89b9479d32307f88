namespace Artel.Cli.Output;

/// <summary>Changes of a job's terms, as the server keeps them: when (<c>2026-03-01 08:00:00Z</c>), then what.</summary>
internal static class ChangeText
{
    private const int TimeLength = 20;

    /// <summary>What has changed, without when.</summary>
    public static string Of(string change) => change.Length > TimeLength ? change[TimeLength..].TrimStart() : change;
}

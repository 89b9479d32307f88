using Artel.Cli.Output;

namespace Artel.Cli.Running;

/// <summary>
/// The folder for temporary files: <c>TMPDIR</c>, or <c>/tmp</c> if that does not exist, for this program and all that
/// it starts.
/// </summary>
internal static class TemporaryFolder
{
    public const string Variable = "TMPDIR";
    public const string Usual = "/tmp";

    private static string? _missing;

    /// <summary>Must be called before anything uses the folder.</summary>
    public static void Choose()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (OperatingSystem.IsWindows() || string.IsNullOrEmpty(folder)
            || folder.Contains('\uFFFD', StringComparison.Ordinal) || Directory.Exists(folder))
        {
            return;
        }

        _missing = folder;
        Environment.SetEnvironmentVariable(Variable, Usual);
    }

    /// <summary>Warns once that another folder is used. Called by commands that use it.</summary>
    public static void Mention(Terminal terminal)
    {
        if (Interlocked.Exchange(ref _missing, null) is { } missing)
            terminal.Warn($"{Variable} is '{Words.OneLine(missing)}', which does not exist: {Usual} is used instead");
    }
}

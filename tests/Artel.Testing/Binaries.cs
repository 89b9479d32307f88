namespace Artel.Testing;

/// <summary>Where the programs under test are: those of this build, or with ARTEL_NATIVE the published native ones.</summary>
public static class Binaries
{
    public static string Repository { get; } = FindRepository();

    /// <summary>Whether the command line under test is the published native one.</summary>
    public static bool AreNative => Native is { Length: > 0 };

    /// <summary>The command line under test.</summary>
    public static string Artel { get; } = Native is { Length: > 0 } native ? native : Path.Combine(BuildOf("src", "Artel.Cli"), "artel");

    public static string Server { get; } = Path.Combine(Path.GetDirectoryName(Artel)!, "server", "artel-server");

    /// <summary>The server of this build, whatever command line is under test: only it may have <c>CrashPoints</c>.</summary>
    public static string BuiltServer { get; } = Path.Combine(BuildOf("src", "Artel.Cli"), "server", "artel-server");

    /// <summary>What tests run as a task.</summary>
    public static string TestProgram { get; } = Path.Combine(BuildOf("tests", "Artel.TestProgram"), "artel-test-program");

    public static string Examples { get; } = Path.Combine(Repository, "examples");

    private static string? Native => Environment.GetEnvironmentVariable("ARTEL_NATIVE");

    // .../tests/Artel.EndToEnd.Tests/bin/Debug/net10.0/ : the other projects' outputs have the same configuration.
    private static string BuildOf(string room, string project)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository, room, project, "bin", here.Parent!.Name, here.Name);
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "artel.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"artel.slnx is in no folder above {AppContext.BaseDirectory}");
    }
}

namespace Artel.Cli.Processes;

/// <summary>Where the two programs of Artel are.</summary>
internal static class Programs
{
    /// <summary>This program, to start it again as a node.</summary>
    public static string Artel
    {
        get
        {
            var running = Environment.ProcessPath;
            // Under `dotnet artel.dll` the process is dotnet; the program beside the library is the one to start.
            return running is not null && Path.GetFileNameWithoutExtension(running) != "dotnet"
                ? running
                : Path.Combine(AppContext.BaseDirectory, Executable("artel"));
        }
    }

    /// <summary>
    /// This program, to become a task of another account. By the file that runs and not by its path: it may have been replaced by a newer one since.
    /// </summary>
    public static string Starter => Environment.ProcessPath == Artel ? "/proc/self/exe" : Artel;

    /// <summary>artel-server: where <c>ARTEL_SERVER_PATH</c> says, beside this program, or in the folder <c>server</c> there.</summary>
    public static string Server(Func<string, string?> variable)
    {
        if (variable("ARTEL_SERVER_PATH") is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new CommandFailure(ExitStatus.WrongUsage, $"ARTEL_SERVER_PATH names {named}, and there is no such file");
        }

        var name = Executable("artel-server");
        string[] places = [Path.Combine(AppContext.BaseDirectory, name), Path.Combine(AppContext.BaseDirectory, "server", name)];
        return places.FirstOrDefault(File.Exists) ?? throw new CommandFailure(
            ExitStatus.WrongUsage,
            $"artel-server is not here: put its folder at {Path.Combine(AppContext.BaseDirectory, "server")}, or set ARTEL_SERVER_PATH");
    }

    private static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;
}

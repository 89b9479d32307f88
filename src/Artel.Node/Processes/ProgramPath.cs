using Artel.Protocol.Files;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>
/// Finds the file of a program as execvp does, but on the PATH and from the working directory of the process that is to be
/// started: posix_spawnp would look on the agent's own.
/// </summary>
internal static class ProgramPath
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The path to execute. A name with a slash is its own path, relative to the working directory. Null: on no folder of the PATH.</summary>
    public static string? Find(string program, ProcessEnvironment environment, string workingDirectory)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return program;

        if (program.Length == 0)
            return null;

        string? notExecutable = null;
        foreach (var folder in SearchPath(environment).Split(':'))
        {
            var candidate = Path.Combine(workingDirectory, folder, program);
            if (!IsFile(candidate))
                continue;

            if (IsExecutable(candidate))
                return candidate;

            // As execvp: go on looking, but if there is no other, this is the one to complain about.
            notExecutable ??= candidate;
        }

        return notExecutable;
    }

    public static string SearchPath(ProcessEnvironment environment) =>
        environment.TryGetValue("PATH", out var path) && path.Length > 0 ? path : DefaultPath;

    /// <summary>True for a file of any kind but a folder, also if its name is not UTF-8.</summary>
    public static bool IsFile(string path) => OperatingSystem.IsLinux() && RawText.HasBytes(path)
        ? FileStatus.Of(path, followLinks: true) is { IsFolder: false }
        : File.Exists(path);

    /// <summary>True for a folder, also if its name is not UTF-8.</summary>
    public static bool IsFolder(string path) => OperatingSystem.IsLinux() && RawText.HasBytes(path)
        ? FileStatus.Of(path, followLinks: true) is { IsFolder: true }
        : Directory.Exists(path);

    public static bool IsExecutable(string path)
    {
        const int execute = 1;
        return OperatingSystem.IsLinux()
            ? Libc.access(path, execute) == 0
            : OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0;
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}

using System.ComponentModel;
using System.Globalization;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>Turns the error number of a failed start into a sentence for people: what failed, on which value, what to do next.</summary>
internal static class LaunchFailure
{
    public static StartFailure Of(int errno, LaunchRequest request, string path) => new(Describe(errno, request, path), errno);

    /// <summary>What can be seen to be wrong before anything is tried, or null.</summary>
    public static string? BeforeStart(LaunchRequest request)
    {
        if (request.Arguments.Count == 0 || request.Arguments[0].Length == 0)
            return "the argument array is empty: its first entry names the program";

        for (var i = 0; i < request.Arguments.Count; i++)
        {
            if (request.Arguments[i].Contains('\0', StringComparison.Ordinal))
                return string.Create(CultureInfo.InvariantCulture, $"argument {i} holds a NUL byte, which no argument of a program can");
        }

        foreach (var (name, value) in request.Environment.Own)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
                return $"'{name}' is no name of an environment variable";

            if (name.Contains('\0', StringComparison.Ordinal) || value?.Contains('\0', StringComparison.Ordinal) == true)
                return $"environment variable '{name.Replace('\0', '?')}' holds a NUL byte, which none can";
        }

        return null;
    }

    /// <summary>A program that is in no folder of the PATH.</summary>
    public static string NotOnPath(LaunchRequest request) => RawText.Show(
        MissingFolder(request)
        ?? $"program '{request.Arguments[0]}' was not found on the PATH ({ProgramPath.SearchPath(request.Environment)}): "
        + "install it on this node, or give its full path");

    public static string Describe(int errno, LaunchRequest request, string path) =>
        RawText.Show(Sentence(errno, request, path));

    private static string Sentence(int errno, LaunchRequest request, string path)
    {
        var program = request.Arguments[0];
        var folder = request.WorkingDirectory.Length > 0 ? request.WorkingDirectory : Environment.CurrentDirectory;
        var file = Path.Combine(folder, path);
        return errno switch
        {
            Errno.NoSuchFile or Errno.NotADirectory => MissingFolder(request) ?? (ProgramPath.IsFile(file)
                ? $"program '{program}' is there, but the interpreter that its first line or header names is not: install that on this node"
                : $"program '{program}' was not found in {folder}: is it on this node, and is this the right working directory?"),
            Errno.AccessDenied or Errno.NotPermitted => ClosedFolder(request) ?? (ProgramPath.IsFolder(file)
                ? $"program '{program}' is a folder"
                : $"program '{program}' is not executable: chmod +x {file}, or name its interpreter first"),
            Errno.ArgumentsTooLong => string.Create(CultureInfo.InvariantCulture,
                $"the argument list is too long for this system: {Size(request)} bytes of arguments and environment; pass long data in a file or on stdin"),
            Errno.NotExecutableFormat =>
                $"program '{program}' is in no format this system can execute: a script needs a first line such as #!/bin/sh",
            Errno.TryAgain => "no further process can be made: the limit of processes of this user or machine is reached (ulimit -u)",
            Errno.OutOfMemory => "no further process can be made: this node is out of memory",
            Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem => "no further file can be opened on this node: raise its limit (ulimit -n)",
            Errno.InvalidArgument when request.Cpus is { Count: > 0 } cpus =>
                $"it can not be pinned to cpus {string.Join(',', cpus)}, which this node had at its start and has not any more: start the node again",
            Errno.TextFileBusy => $"program '{program}' is open for writing: it is still being copied or built",
            Errno.NameTooLong => $"the name of program '{program}' is too long",
            Errno.TooManyLinks => $"program '{program}' is a symbolic link that leads in a circle",
            _ => $"program '{program}' could not be started: {new Win32Exception(errno).Message}",
        };
    }

    private static string? MissingFolder(LaunchRequest request) =>
        request.WorkingDirectory.Length == 0 || ProgramPath.IsFolder(request.WorkingDirectory)
            ? null
            : ProgramPath.IsFile(request.WorkingDirectory)
                ? $"working directory '{request.WorkingDirectory}' is a file"
                : $"working directory '{request.WorkingDirectory}' does not exist on this node";

    private static string? ClosedFolder(LaunchRequest request) =>
        request.WorkingDirectory.Length > 0 && !ProgramPath.IsExecutable(request.WorkingDirectory)
            ? $"working directory '{request.WorkingDirectory}' may not be entered by account '{Environment.UserName}'"
            : null;

    private static long Size(LaunchRequest request) =>
        request.Arguments.Sum(a => RawText.CountBytes(a) + 1L)
        + request.Environment.Variables.Sum(e => RawText.CountBytes(e.Key) + RawText.CountBytes(e.Value) + 2L);
}

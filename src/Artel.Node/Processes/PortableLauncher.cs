using System.ComponentModel;
using System.Diagnostics;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>
/// Starts processes through <see cref="Process"/>, on every system. Slower than the fast path, and it knows no process groups:
/// a child that its parent left behind before the end was asked for is not found again. Limits of memory are not watched.
/// </summary>
internal sealed class PortableLauncher(TimeProvider time) : IProcessLauncher
{
    public IReadOnlyList<int> Cpus => [];

    public LaunchResult Launch(LaunchRequest request, IProcessObserver observer, bool isAttended = false)
    {
        if (LaunchFailure.BeforeStart(request) is { } wrong)
            return new LaunchResult(new StartFailure(wrong));

        if (request.Arguments.Append(request.WorkingDirectory).FirstOrDefault(RawText.HasBytes) is { } raw)
        {
            return new LaunchResult(new StartFailure(
                $"'{RawText.Show(raw)}' is not UTF-8, which this node cannot pass to a program"));
        }

        var path = OperatingSystem.IsWindows()
            ? request.Arguments[0]
            : ProgramPath.Find(request.Arguments[0], request.Environment, request.WorkingDirectory);
        if (path is null)
            return new LaunchResult(new StartFailure(LaunchFailure.NotOnPath(request)));

        // Process would look for a relative path from the agent's folder, not from the task's.
        var folder = Path.GetFullPath(request.WorkingDirectory.Length > 0 ? request.WorkingDirectory : ".");
        var file = OperatingSystem.IsWindows() ? path : Path.GetFullPath(path, folder);
        if (Directory.Exists(file))
            return new LaunchResult(LaunchFailure.Of(Errno.AccessDenied, request, path));

        var start = new ProcessStartInfo
        {
            FileName = file,
            WorkingDirectory = request.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in request.Arguments.Skip(1))
            start.ArgumentList.Add(argument);

        start.Environment.Clear();
        foreach (var (name, value) in request.Environment.Variables)
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            return new LaunchResult(OperatingSystem.IsWindows()
                ? new StartFailure($"program '{request.Arguments[0]}' could not be started: {e.Message}")
                : LaunchFailure.Of(e.NativeErrorCode, request, path));
        }

        return new LaunchResult(PortableProcess.Follow(process, request.Stdin ?? default, observer, time), null);
    }

    public void Dispose()
    {
        // It holds nothing: each process is served by its own tasks.
    }
}

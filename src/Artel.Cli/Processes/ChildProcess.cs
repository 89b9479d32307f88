using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Artel.Node.Processes;

namespace Artel.Cli.Processes;

/// <summary>
/// A program that lives as long as this one wants: it ends cleanly when its standard input is closed, so also when this process is
/// killed. What it says on standard error goes to a file, for the case that it fails.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int TailLines = 8;
    private const int TailBytes = 64 * 1024;

    private readonly Process _process;
    private readonly byte[] _said = new byte[2 * TailBytes];
    private readonly Task _logging;
    private int _saidCount;

    private ChildProcess(string name, Process process, string? log, bool isAgent)
    {
        Name = name;
        _process = process;
        _logging = log is null ? Task.CompletedTask : LogAsync(log);
        Exited = ExitedAsync(isAgent);
    }

    /// <summary>For messages: <c>artel-server</c>, <c>node 1</c>.</summary>
    public string Name { get; }

    /// <summary>Only when it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the process has ended, and what an agent left behind too.</summary>
    public Task Exited { get; }

    /// <param name="name">For messages.</param>
    /// <param name="program">Path.</param>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="log">File for its standard error; null: it shares this process's.</param>
    /// <param name="isAgent">It is a node agent, and this process its guardian.</param>
    public static ChildProcess Start(string name, string program, IEnumerable<string> arguments, string? log, bool isAgent = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = log is not null,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (variable, value) in OwnProcess.Variables())
        {
            if (!RawText.HasBytes(value) && !RawText.HasBytes(variable))
                continue;

            start.Environment[variable] = value;
            start.Environment[OwnProcess.RawVariable] = "1";
        }

        if (isAgent && Guardian.IsSupported)
            start.Environment[Guardian.Variable] = Guardian.Begin();

        try
        {
            return new ChildProcess(name, Process.Start(start)!, log, isAgent);
        }
        catch (Win32Exception e)
        {
            throw new CommandFailure(ExitStatus.NoCluster, $"can not start {program}: {e.Message}");
        }
    }

    /// <summary>A line of its standard output; null when it has closed it.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken ct) => await _process.StandardOutput.ReadLineAsync(ct);

    public async Task WriteLineAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException) when (_process.HasExited)
        {
            // It has ended already; Exited tells, with its own words in the log.
        }
    }

    /// <summary>What it did when it ended although nobody had asked it to.</summary>
    public async Task<CommandFailure> DescribeDeathAsync()
    {
        await _logging;
        var tail = Tail();
        return new CommandFailure(
            ExitStatus.NoCluster,
            $"{Name} ended by itself with exit status {_process.ExitCode}{(tail.Length == 0 ? "" : ". It said:")}",
            tail);
    }

    /// <summary>Closes its standard input and waits; ends it by force where it takes longer than <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider clock)
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has gone before it read what was left in the pipe.
        }

        using var patience = new CancellationTokenSource(grace, clock);
        try
        {
            await Exited.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await Exited;
        }

        await _logging;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await StopAsync(TimeSpan.Zero, TimeProvider.System);

        _process.Dispose();
    }

    private async Task ExitedAsync(bool isAgent)
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        if (isAgent && Guardian.IsSupported)
            Guardian.EndOrphans();
    }

    private async Task LogAsync(string path)
    {
        FileStream? log = null;
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await _process.StandardError.BaseStream.ReadAsync(buffer)) > 0;)
            {
                Keep(buffer.AsSpan(0, count));
                try
                {
                    log ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
                    await log.WriteAsync(buffer.AsMemory(0, count));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The disk is full, or the folder is gone. Reading goes on, or the process would block.
                }
            }
        }
        finally
        {
            if (log is not null)
                await log.DisposeAsync();
        }
    }

    /// <summary>Keeps the last output for the report of its death, even if the file cannot be written.</summary>
    private void Keep(ReadOnlySpan<byte> said)
    {
        if (_saidCount + said.Length > _said.Length)
        {
            _said.AsSpan(_saidCount - TailBytes, TailBytes).CopyTo(_said);
            _saidCount = TailBytes;
        }

        said.CopyTo(_said.AsSpan(_saidCount));
        _saidCount += said.Length;
    }

    private static bool IsStackFrame(string line) =>
        line.StartsWith("   at ", StringComparison.Ordinal) || line.TrimStart().StartsWith("--- End of ", StringComparison.Ordinal);

    private string[] Tail()
    {
        var said = Encoding.UTF8.GetString(_said.AsSpan(0, _saidCount));
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Stack frames do not help the user, and would push out the line before them that says what went wrong.
        return [.. lines.Where(line => !IsStackFrame(line)).TakeLast(TailLines).Select(line => line.TrimEnd('\r'))];
    }
}

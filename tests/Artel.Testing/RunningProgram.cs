using System.Diagnostics;
using System.Text;

namespace Artel.Testing;

/// <summary>What a program that has ended left behind.</summary>
public sealed record Ended(int Status, string Output, string Errors)
{
    public byte[] OutputBytes { get; init; } = [];

    public override string ToString() => $"status {Status}\n--- standard output\n{Output}\n--- standard error\n{Errors}";
}

/// <summary>A program under test, as a process of its own. Ended with everything it started when disposed.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private bool _isDisposed;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _errors = new();
    private readonly Task _reading;

    private RunningProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(
            ReadAsync(process.StandardOutput.BaseStream, _output), ReadAsync(process.StandardError.BaseStream, _errors));
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>Standard output as it came.</summary>
    public byte[] OutputBytes
    {
        get
        {
            lock (_output)
            {
                return _output.ToArray();
            }
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return Encoding.UTF8.GetString(_errors.ToArray());
            }
        }
    }

    public static RunningProgram Start(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null,
        string? input = null)
    {
        var start = new ProcessStartInfo(InheritedSignals.InterruptIsIgnored ? "env" : program)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in InheritedSignals.InterruptIsIgnored ? ["--default-signal=INT", program, .. arguments] : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // A test must not find the cluster of whoever runs it.
        foreach (var name in new[] { "ARTEL_SERVER", "ARTEL_TOKEN", "ARTEL_HOME", "ARTEL_JOIN" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        return new RunningProgram(process);
    }

    /// <summary>Waits until it has ended.</summary>
    public async Task<Ended> EndAsync(TimeSpan? deadline = null)
    {
        var limit = deadline ?? TimeSpan.FromSeconds(60);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"did not end within {limit.TotalSeconds} s:\n--- standard output\n{Output}\n--- standard error\n{Errors}");
        }

        await _reading.WaitAsync(TimeSpan.FromSeconds(10));
        return new Ended(_process.ExitCode, Output, Errors) { OutputBytes = OutputBytes };
    }

    public Task UntilAsync(Func<RunningProgram, bool> condition, string what, TimeSpan? deadline = null) => Eventually.Holds(
        () => condition(this), what, () => $"\n--- standard output\n{Output}\n--- standard error\n{Errors}", deadline);

    /// <summary>Sends a signal by name, such as INT, TERM, KILL, STOP.</summary>
    public void Signal(string signal) => Processes.Signal(signal, Id);

    /// <summary>Ends it if it runs. May be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task ReadAsync(Stream from, MemoryStream into)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and var read)
        {
            lock (into)
            {
                into.Write(buffer, 0, read);
            }
        }
    }
}

using System.Text;
using Artel.Node.Processes;

namespace Artel.Node.Tests.Processes;

/// <summary>Keeps what an observer hears of one process.</summary>
internal sealed class ProcessRecord : IProcessObserver
{
    private readonly Lock _gate = new();
    private readonly List<byte> _stdout = [];
    private readonly List<byte> _stderr = [];
    private readonly List<long> _exceeded = [];
    private readonly TaskCompletionSource<ProcessExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ProcessExit> Exit => _exit.Task;

    public long StdoutLength { get; private set; }

    /// <summary>Whether bytes are kept or only counted.</summary>
    public bool KeepsOutput { get; init; } = true;

    public byte[] Stdout => Bytes(_stdout);

    public byte[] Stderr => Bytes(_stderr);

    public string StdoutText => Encoding.UTF8.GetString(Stdout);

    public string StderrText => Encoding.UTF8.GetString(Stderr);

    public int RoomOf(OutputStream stream) => int.MaxValue;

    public void OnOutput(OutputStream stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            Assert.False(_exit.Task.IsCompleted, "output came after the exit");
            if (stream == OutputStream.Stdout)
                StdoutLength += data.Length;

            if (KeepsOutput)
                (stream == OutputStream.Stdout ? _stdout : _stderr).AddRange(data);
        }
    }

    /// <summary>What it was told that its processes take, more than they may.</summary>
    public IReadOnlyList<long> Exceeded
    {
        get
        {
            lock (_gate)
            {
                return [.. _exceeded];
            }
        }
    }

    public void OnMemoryExceeded(long bytes)
    {
        lock (_gate)
        {
            _exceeded.Add(bytes);
        }
    }

    public void OnExit(in ProcessExit exit) => Assert.True(_exit.TrySetResult(exit), "a second exit came");

    private byte[] Bytes(List<byte> stream)
    {
        lock (_gate)
        {
            return [.. stream];
        }
    }
}

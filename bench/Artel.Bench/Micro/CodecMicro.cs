using Artel.Protocol.V1;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using EndedMessage = Artel.Protocol.V1.Ended;

namespace Artel.Bench.Micro;

/// <summary>The most frequent message of a busy node, written and read.</summary>
[MemoryDiagnoser]
public class CodecMicro
{
    /// <summary>In the message.</summary>
    public const int Results = 1_000;

    private readonly NodeMessage _message = new() { Ended = MakeEnded() };
    private readonly byte[] _buffer = new byte[1024 * 1024];
    private byte[] _written = [];

    [GlobalSetup]
    public void Write() => _written = _message.ToByteArray();

    [Benchmark]
    public int Serialize()
    {
        // As gRPC does: the size first, then into memory that is there.
        var size = _message.CalculateSize();
        _message.WriteTo(_buffer.AsSpan(0, size));
        return size;
    }

    [Benchmark]
    public int Parse() => NodeMessage.Parser.ParseFrom(_written).Ended.Results.Count;

    private static EndedMessage MakeEnded()
    {
        var ended = new EndedMessage();
        for (var i = 1; i <= Results; i++)
        {
            ended.Results.Add(new AttemptResult
            {
                Lease = new Lease { Epoch = 3, Sequence = 1_000_000 + i },
                State = NodeState.Succeeded,
                Outcome = AttemptOutcome.Succeeded,
                Started = new Timestamp { Seconds = 1_800_000_000, Nanos = 1_000 * i },
                Usage = new Usage
                {
                    Wall = new Duration { Nanos = 700_000 + i },
                    User = new Duration { Nanos = 300_000 },
                    System = new Duration { Nanos = 400_000 },
                    PeakMemoryBytes = 1 << 20,
                },
                Stdout = new OutputInfo(),
                Stderr = new OutputInfo(),
            });
        }

        return ended;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Protocol.Tracing;

/// <summary>
/// The ids of traces and spans that follow from the terms of a job, as artel.proto has them: the same at the server before and after a
/// restart, and at the node.
/// </summary>
public static class TaskTraces
{
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    /// <summary>What the ids of a job are made of.</summary>
    public static ByteString SeedOf(string clusterId, long job) =>
        ByteString.CopyFrom(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{clusterId}/{job}"))).AsSpan(0, TraceBytes));

    /// <summary>The trace of a task.</summary>
    /// <param name="task">From 1; 0 stands for the submit of the job.</param>
    public static byte[] TraceOf(TraceTerms terms, int task)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return terms.TraceId.IsEmpty ? Hash(terms, TraceBytes, task) : terms.TraceId.ToByteArray();
    }

    /// <summary>The span of an attempt.</summary>
    /// <param name="task">From 1; 0, with the attempt 0, stands for the submit of the job.</param>
    /// <param name="attempt">From 1; 0 stands for the task as a whole.</param>
    public static byte[] SpanOf(TraceTerms terms, int task, int attempt)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return Hash(terms, SpanBytes, task, attempt);
    }

    /// <summary>Whether the spans of a trace are recorded.</summary>
    public static bool IsRecorded(TraceTerms terms, ReadOnlySpan<byte> trace)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return (BinaryPrimitives.ReadUInt64BigEndian(trace) & long.MaxValue) < terms.RecordedBelow;
    }

    /// <summary>What an attempt gets as the parent of its own spans.</summary>
    public static TraceParent ParentOf(TraceTerms terms, int task, int attempt)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var trace = TraceOf(terms, task);
        return new TraceParent(trace, terms.SpanId.IsEmpty ? SpanOf(terms, task, attempt) : terms.SpanId.ToByteArray(), IsRecorded(terms, trace));
    }

    private static byte[] Hash(TraceTerms terms, int size, params ReadOnlySpan<int> numbers)
    {
        var text = new byte[terms.Seed.Length + (sizeof(int) * numbers.Length)];
        terms.Seed.Span.CopyTo(text);
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(text.AsSpan(terms.Seed.Length + (sizeof(int) * i)), numbers[i]);

        var id = SHA256.HashData(text).AsSpan(0, size).ToArray();
        if (!id.AsSpan().ContainsAnyExcept((byte)0))
            id[^1] = 1;

        return id;
    }
}

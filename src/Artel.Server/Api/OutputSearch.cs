using System.Text;
using Artel.Core;
using Artel.Server.People;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Finds a text in the output of a task, a bounded part of it at a time.</summary>
internal sealed class OutputSearch(OutputReader outputs)
{
    private const int MostOfPattern = 4096;

    /// <summary>What one call looks at: some 20 ms from a disk that has it in memory.</summary>
    private const long MostBytes = 16 << 20;

    public async Task<V1.FindInOutputReply> FindAsync(V1.FindInOutputRequest request, Viewpoint view, CancellationToken cancellation)
    {
        var pattern = request.PatternCase == V1.FindInOutputRequest.PatternOneofCase.Bytes ? request.Bytes.ToByteArray() : Encoding.UTF8.GetBytes(request.Text);
        if (pattern.Length is 0 or > MostOfPattern)
        {
            throw Refusals.Invalid($"text has {pattern.Length} bytes: what is looked for has 1 to {MostOfPattern}");
        }

        if (request.Offset < 0)
        {
            throw Refusals.Invalid($"offset is {request.Offset}: a number from 0");
        }

        if (request.Stream is not (V1.Stream.Unspecified or V1.Stream.Stdout or V1.Stream.Stderr))
        {
            throw Refusals.Invalid("stream is neither STREAM_STDOUT nor STREAM_STDERR");
        }

        var stream = request.Stream == V1.Stream.Unspecified ? V1.Stream.Stdout : request.Stream;
        var (attempt, data) = await outputs.OpenAsync(
            new TaskId(new JobId(request.Job), request.Task), request.Attempt, stream, request.Offset, view, cancellation);
        var search = new TextSearch(pattern, request.IgnoreCase, request.Offset);
        await foreach (var piece in data)
        {
            if (search.Look(piece.Span) is { } found)
            {
                return new V1.FindInOutputReply { Attempt = attempt, Found = found, NextOffset = found + 1 };
            }

            if (search.End - request.Offset >= MostBytes)
            {
                return new V1.FindInOutputReply { Attempt = attempt, NextOffset = search.Next };
            }
        }

        return new V1.FindInOutputReply { Attempt = attempt, NextOffset = search.Next, End = true };
    }
}

using System.Text;
using Artel.Cli.Access;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Results;

/// <summary>The last lines of an attempt's error stream, as much as a page has room for, made safe for a terminal.</summary>
internal static class ErrorTail
{
    public const int MostLines = 10;
    public const int MostBytes = 2048;

    /// <summary>Empty where there are none, or where they can not be had now: what is shown around them must not fail for it.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(ClusterSession session, WireTask task, CancellationToken ct)
    {
        if (task.Hidden || JobText.LastAttempt(task) is not { Stderr.Length: > 0 } attempt)
            return [];

        var request = new ReadOutputRequest
        {
            Job = task.Job,
            Task = task.Number,
            Attempt = attempt.Number,
            Streams = { WireStream.Stderr },
            Offset = -MostBytes,
        };
        using var data = new MemoryStream();
        try
        {
            using var call = session.Client.ReadOutput(request, session.Question(ct));
            while (await call.ResponseStream.MoveNext(ct))
                call.ResponseStream.Current.Data.WriteTo(data);
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            return [];
        }

        return Lines(data.ToArray(), isCut: attempt.Stderr.Length > MostBytes);
    }

    /// <param name="isCut">Whether the first line lacks its beginning.</param>
    internal static IReadOnlyList<string> Lines(ReadOnlySpan<byte> data, bool isCut)
    {
        var lines = Encoding.UTF8.GetString(data).TrimEnd('\n', '\r', ' ').Split('\n').Select(Shown).ToList();
        if (isCut && lines.Count > 1)
            lines.RemoveAt(0);
        else if (isCut)
            lines[0] = "…" + lines[0];

        return lines is [""] ? [] : lines[Math.Max(0, lines.Count - MostLines)..];
    }

    /// <summary>What a terminal would show of it in the end: a progress bar that writes over itself leaves its last state.</summary>
    private static string Shown(string line)
    {
        var text = line.TrimEnd('\r');
        return Terminal.Plain(text[(text.LastIndexOf('\r') + 1)..].Replace("\t", "    ", StringComparison.Ordinal));
    }
}

using Artel.Core;
using Artel.Server.Nodes.Messages;
using Artel.Server.Outputs;

namespace Artel.Server.Nodes;

/// <summary>Both streams of one attempt while they arrive, with their lengths known or not yet. Disposed before they are complete, nothing is left of them.</summary>
/// <param name="most">Bytes that one stream may have.</param>
internal sealed class ArrivingOutput(OutputStore outputs, TaskId task, int attempt, long most) : IAsyncDisposable
{
    private OutputWriter? _stdout;
    private OutputWriter? _stderr;

    /// <summary>Bytes that were announced and have not come.</summary>
    public long Missing => (_stdout?.Remaining ?? 0) + (_stderr?.Remaining ?? 0);

    /// <summary>From here on the lengths are known. False: more has come than that, or they are longer than the task may have.</summary>
    public bool TryAnnounce(EndedAttempt result) =>
        TryAnnounce(ref _stdout, OutputStream.Stdout, result.Stdout) && TryAnnounce(ref _stderr, OutputStream.Stderr, result.Stderr);

    /// <summary>Takes the next piece of a stream. False: it is more than was announced, or than the task may have.</summary>
    public async ValueTask<bool> TryWriteAsync(OutputStream stream, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var writer = stream == OutputStream.Stderr
            ? _stderr ??= outputs.BeginAhead(task, attempt, stream)
            : _stdout ??= outputs.BeginAhead(task, attempt, stream);
        if (data.Length > writer.Remaining || writer.Length - writer.Remaining + data.Length > most)
        {
            return false;
        }

        await writer.WriteAsync(data, cancellation);
        return true;
    }

    /// <summary>After the lengths were told and everything has come.</summary>
    public async Task<(KeptOutput Stdout, KeptOutput Stderr)> CompleteAsync(CancellationToken cancellation) =>
        (await _stdout!.CompleteAsync(cancellation), await _stderr!.CompleteAsync(cancellation));

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in new[] { _stdout, _stderr })
        {
            if (writer is not null)
            {
                await writer.DisposeAsync();
            }
        }
    }

    private bool TryAnnounce(ref OutputWriter? writer, OutputStream stream, ReportedOutput announced)
    {
        if (announced.Length > most)
        {
            return false;
        }

        if (writer is not null)
        {
            return writer.TryAnnounce(announced.Length, announced.Written);
        }

        writer = outputs.Begin(task, attempt, stream, announced.Length, announced.Written);
        return true;
    }
}

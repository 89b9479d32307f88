using System.Globalization;
using Artel.Protocol.Maps;
using Artel.Protocol.Timing;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Classic;

/// <summary>A lease in the hands of a classic node: first granted, then sent to it.</summary>
internal sealed class ClassicTask : IDisposable
{
    private readonly V1.TaskTemplate _template;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _overdue = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LongTimer? _timer;
    private long _sentTicks;

    /// <param name="offset">Of the task within the grant.</param>
    public ClassicTask(V1.Grant grant, int offset, ClassicTemplate template, TimeProvider time)
    {
        _template = template.Spec;
        _time = time;
        Lease = new V1.Lease { Epoch = grant.Leases.Epoch, Sequence = grant.Leases.FirstSequence + offset };
        var position = grant.FirstPosition + offset;
        TaskEntry? entry = grant.Entries.Count == 0 ? null : new TaskEntry(grant.Entries[offset], EntryAxes.AreJson(_template));
        var index = template.Indices?.At(position) ?? (entry is null ? null : position + 1L);
        using var values = new MarkValues(index, entry);
        Arguments = template.Texts.Run(values);
    }

    public V1.Lease Lease { get; }

    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Null before it was sent.</summary>
    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>Completes when it has run for too long.</summary>
    public Task Overdue => _overdue.Task;

    public long OutputLimitBytes => _template.OutputLimit > 0 ? _template.OutputLimit : JobLimits.DefaultOutputLimitBytes;

    /// <summary>What the task has that can not be told to a classic node, or null: it would not be what its author asked for.</summary>
    public string? Untellable =>
        _template.Env.Count > 0 ? "env" : _template.HasStdin ? "stdin" : _template.Script is not null ? "script" : _template.Scratch ? "cwd: scratch"
        : _template.Exclusive ? "exclusive, which needs a node that ends it in time" : null;

    /// <summary>It is on its way to the node.</summary>
    public void Send()
    {
        SentAt = _time.GetUtcNow();
        _sentTicks = _time.GetTimestamp();
        if (_template.Timeout?.ToTimeSpan() is { } timeout)
        {
            _timer = LongTimer.Start(_time, timeout, () => _overdue.TrySetResult());
        }
    }

    /// <summary>Its end is known: time does not matter any more.</summary>
    public void Dispose() => _timer?.Dispose();

    public V1.AttemptResult Succeeded(long length) => Result(V1.AttemptOutcome.Succeeded, "", new V1.OutputInfo
    {
        Length = Math.Min(length, OutputLimitBytes),
        Written = length,
    });

    public V1.AttemptResult Failed() => Result(V1.AttemptOutcome.Failed, "its error stream stays on the node", null);

    public V1.AttemptResult TimedOut() => Result(
        V1.AttemptOutcome.TimedOut,
        string.Create(CultureInfo.InvariantCulture, $"it ran longer than its timeout of {_template.Timeout!.ToTimeSpan().TotalSeconds:0.###} s"), null);

    public V1.AttemptResult NotStarted(string why) => Result(V1.AttemptOutcome.NotStarted, why, null);

    public V1.AttemptResult Cancelled(string why) => Result(V1.AttemptOutcome.Cancelled, why, null);

    private V1.AttemptResult Result(V1.AttemptOutcome outcome, string message, V1.OutputInfo? stdout) => new()
    {
        Lease = Lease,
        State = outcome == V1.AttemptOutcome.Succeeded ? V1.NodeState.Succeeded : V1.NodeState.Failed,
        Outcome = outcome,
        ExitStatus = outcome == V1.AttemptOutcome.Failed ? V1.Attempt.UnknownExitStatus : 0,
        Message = message,
        Started = SentAt?.ToTimestamp(),

        // As far as the server can tell: from sending the task to hearing of its end.
        Usage = new V1.Usage { Wall = (SentAt is null ? TimeSpan.Zero : _time.GetElapsedTime(_sentTicks)).ToDuration() },
        Stdout = stdout,
        DataFollows = stdout is not null,
    };
}

/// <summary>A template as it was sent once for all tasks of it.</summary>
/// <param name="Indices">Of an array.</param>
internal sealed record ClassicTemplate(V1.TaskTemplate Spec, IndexLookup? Indices, TemplateTexts Texts)
{
    public static ClassicTemplate Of(V1.TaskTemplate spec) => new(spec, spec.Array is { } array ? new IndexLookup(array) : null, new TemplateTexts(spec));
}

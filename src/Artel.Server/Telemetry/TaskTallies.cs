using Artel.Core;
using Artel.Server.Accounting;

namespace Artel.Server.Telemetry;

/// <summary>What was committed, counted: by the reader of <see cref="TelemetryFeed"/> only, a batch at a time. Any thread may read.</summary>
internal sealed class TaskTallies
{
    /// <summary>From a millisecond to a day.</summary>
    private static readonly double[] Lengths = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_600, 10_000, 36_000, 86_400];

    private readonly long[] _attempts = new long[(int)AttemptOutcome.OutOfMemory + 1];
    private readonly long[] _tasks = new long[(int)TaskState.Skipped + 1];
    private readonly long[] _jobs = new long[(int)JobState.Cancelled + 1];
    private readonly Tally[] _durations = [.. Enum.GetValues<AttemptOutcome>().Select(_ => new Tally(Lengths)).Prepend(new Tally(Lengths))];
    private long _submitted;
    private long _retries;
    private long _granted;
    private long _returned;
    private long _stdoutBytes;
    private long _stderrBytes;

    /// <summary>From the submit of a job, or its start time, to the first grant of each of its tasks.</summary>
    public Tally Waits { get; } = new(Lengths);

    /// <summary>From the decision that a node gets a task to its message to the node.</summary>
    public Tally Dispatches { get; } = new(0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5);

    /// <summary>What attempts used, by user.</summary>
    public UsageTallies Usage { get; } = new();

    public long JobsSubmitted => Volatile.Read(ref _submitted);

    public long Retries => Volatile.Read(ref _retries);

    public long LeasesGranted => Volatile.Read(ref _granted);

    public long LeasesReturned => Volatile.Read(ref _returned);

    public long StdoutBytes => Volatile.Read(ref _stdoutBytes);

    public long StderrBytes => Volatile.Read(ref _stderrBytes);

    public long Attempts(AttemptOutcome outcome) => Volatile.Read(ref _attempts[(int)outcome]);

    /// <summary>How many tasks have ended in a state. One that is retried by hand ends again.</summary>
    public long TasksEnded(TaskState state) => Volatile.Read(ref _tasks[(int)state]);

    public long JobsEnded(JobState state) => Volatile.Read(ref _jobs[(int)state]);

    /// <summary>Wall times of ended attempts.</summary>
    public Tally Durations(AttemptOutcome outcome) => _durations[(int)outcome];

    /// <summary>By the reader of the feed, after nodes have been notified.</summary>
    public void Tell(IReadOnlyList<Change> changes, DateTimeOffset now)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case AttemptEnded ended:
                    Count(ended);
                    break;
                case LeasesGranted granted:
                    _granted += granted.Leases.Count;
                    Dispatches.Add(now - granted.At, granted.Leases.Count);
                    if (granted.Attempt == 1)
                    {
                        Waits.Add(granted.At - granted.Due, granted.Leases.Count);
                    }

                    break;
                case LeaseReturned:
                    _returned++;
                    break;
                case TasksEnded ended:
                    _tasks[(int)ended.State] += ended.Tasks.Count;
                    break;
                case JobSubmitted:
                    _submitted++;
                    break;
                case JobEnded ended:
                    _jobs[(int)ended.State]++;
                    break;
                default:
                    break;
            }
        }
    }

    private void Count(AttemptEnded ended)
    {
        Usage.Add(ended);
        var result = ended.Result;
        _attempts[(int)result.Outcome]++;
        _tasks[(int)ended.Next] += ended.Next.HasEnded() ? 1 : 0;
        _retries += ended.Next.HasEnded() ? 0 : 1;
        _stdoutBytes += result.Stdout.Length;
        _stderrBytes += result.Stderr.Length;
        if (result.Started is not null)
        {
            _durations[(int)result.Outcome].Add(result.Usage.Wall);
        }
    }
}

using System.Diagnostics.Metrics;
using Artel.Core;
using Artel.Server.Accounting;
using Artel.Server.Loop;

namespace Artel.Server.Telemetry;

/// <summary>
/// The instruments of docs/metrics.md. They are made when somebody wants to read them, and read what is counted anyway. No label names a
/// job or a task; nodes are named up to <see cref="MaxNodes"/>, users up to <see cref="UsageTallies.MostUsers"/>.
/// </summary>
internal sealed class Instruments : IDisposable
{
    public const string Meter = "Artel";

    /// <summary>Nodes that have series of their own, by id. All others share the id <c>other</c>.</summary>
    public const int MaxNodes = 100;

    private const string State = "artel.task.state";
    private const string Outcome = "artel.attempt.outcome";
    private readonly Meter _meter = new(Meter, ServerVersion.Text);
    private readonly List<Action> _drains = [];
    private readonly ClusterGauges _gauges;

    public Instruments(TaskTallies tasks, TelemetryFeed feed, Vitals vitals, ClusterGauges gauges)
    {
        _gauges = gauges;

        // The first to be read: by then the histograms have what the others see.
        _meter.CreateObservableCounter("artel.job.submitted", () => Drained(tasks.JobsSubmitted), "{job}", "Jobs that were submitted.");
        AddTasks(tasks);
        _meter.CreateObservableCounter(
            "artel.telemetry.dropped", () => feed.Dropped, "{change}", "Committed changes that are in no other metric and no span, because these could not keep up.");
        AddUsage(tasks.Usage);
        AddLoop(vitals);
        AddGauges();
        AddNodes();
    }

    public void Dispose() => _meter.Dispose();

    private void AddTasks(TaskTallies tasks)
    {
        JobState[] jobStates = [JobState.Succeeded, JobState.Failed, JobState.Cancelled];
        TaskState[] taskStates = [TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Skipped];
        var outcomes = Enum.GetValues<AttemptOutcome>();
        _meter.CreateObservableCounter(
            "artel.job.ended", () => jobStates.Select(s => Of(tasks.JobsEnded(s), "artel.job.state", s)), "{job}", "Jobs that ended, by how.");
        _meter.CreateObservableCounter(
            "artel.task.ended", () => taskStates.Select(s => Of(tasks.TasksEnded(s), State, s)), "{task}", "Tasks that ended, by how.");
        _meter.CreateObservableCounter(
            "artel.task.attempts", () => outcomes.Select(o => Of(tasks.Attempts(o), Outcome, o)), "{attempt}", "Attempts that ended, by their outcome.");
        _meter.CreateObservableCounter("artel.task.retries", () => tasks.Retries, "{attempt}", "Attempts after which their task goes on to another.");
        _meter.CreateObservableCounter(
            "artel.task.output",
            () => (Measurement<long>[])[Of(tasks.StdoutBytes, "artel.stream", "stdout"), Of(tasks.StderrBytes, "artel.stream", "stderr")],
            "By", "Output of tasks that was kept.");
        _meter.CreateObservableCounter("artel.lease.granted", () => tasks.LeasesGranted, "{lease}", "Leases that were granted to nodes.");
        _meter.CreateObservableCounter("artel.lease.returned", () => tasks.LeasesReturned, "{lease}", "Leases that ended unstarted, given back or taken back.");
        Histogram("artel.task.wait", "From a job's submit, or its start time, to the first grant of a task.", tasks.Waits);
        Histogram("artel.task.dispatch.duration", "From the decision to give a task to a node to the message to the node, durably.", tasks.Dispatches);
        var durations = Histogram("artel.task.duration", "Wall time of the processes of attempts, by outcome.", "s", tasks.Durations(AttemptOutcome.Succeeded).Bounds);
        foreach (var outcome in outcomes)
        {
            _drains.Add(() => tasks.Durations(outcome).DrainInto(durations, new KeyValuePair<string, object?>(Outcome, Words.Of(outcome))));
        }
    }

    private void AddUsage(UsageTallies usage)
    {
        PerUser("artel.usage.attempts", "{attempt}", "Attempts that ended, by user.", s => s.Attempts);
        PerUser("artel.usage.cpu", "s", "Cpu time that ended attempts had reserved, by user.", s => s.CpuSeconds);
        PerUser("artel.usage.cpu.used", "s", "Processor time that ended attempts used, by user.", s => s.UsedCpuSeconds);
        PerUser("artel.usage.gpu", "s", "Gpu time that ended attempts had reserved, by user.", s => s.GpuSeconds);
        PerUser("artel.usage.memory.byte_seconds", "{byte_second}", "Memory that ended attempts had reserved, times seconds, by user.", s => s.MemoryByteSeconds);

        void PerUser(string name, string unit, string description, Func<UsageSum, double> of) => _meter.CreateObservableCounter(
            name, () => usage.Users.Select(u => new Measurement<double>(of(u.Value), new KeyValuePair<string, object?>("artel.user", u.Key))), unit, description);
    }

    private void AddLoop(Vitals vitals)
    {
        _meter.CreateObservableCounter(
            "artel.lease.refused", () => vitals.StaleMessages, "{lease}", "Starts, results and leases that nodes told of and that were refused as stale.");
        _meter.CreateObservableCounter(
            "artel.node.heartbeats.late", () => vitals.LateHeartbeats, "{heartbeat}", "Heartbeats that came more than half a period late.");
        _meter.CreateObservableGauge("artel.loop.turn.longest", () => vitals.LongestTurn.TotalSeconds, "s", "The longest turn of the loop since the start.");
        Histogram("artel.commit.duration", "One commit: output and rows on disk.", vitals.Commits);
        Histogram("artel.commit.changes", "Changes in one commit.", vitals.CommitSizes, "{change}");
        Histogram("artel.loop.turn.duration", "One turn of the loop, in which nothing else can be decided.", vitals.Turns);
        Histogram("artel.loop.lag", "How late the loop looks at the clock.", vitals.Lags);
        Histogram("artel.process.spawn.duration", "The start of a process, as nodes measure it.", vitals.Spawns);
    }

    private void AddGauges()
    {
        _meter.CreateObservableUpDownCounter(
            "artel.tasks",
            () => (Measurement<long>[])
            [
                Of(_gauges.Last.Tasks.Waiting, State, TaskState.Waiting), Of(_gauges.Last.Tasks.Ready, State, TaskState.Ready),
                Of(_gauges.Last.Tasks.Leased, State, TaskState.Leased), Of(_gauges.Last.Tasks.Running, State, TaskState.Running),
            ],
            "{task}", "Tasks of unfinished jobs that have not ended, by state.");
        _meter.CreateObservableUpDownCounter(
            "artel.jobs",
            () => (Measurement<long>[])
            [
                Of(_gauges.Last.JobsWaiting, "artel.job.state", "waiting"), Of(_gauges.Last.JobsRunning, "artel.job.state", "running"),
                Of(_gauges.Last.JobsHeld, "artel.job.state", "held"),
            ],
            "{job}", "Unfinished jobs.");
        _meter.CreateObservableUpDownCounter(
            "artel.nodes",
            () => Enum.GetValues<NodeCondition>().Select(c => Of(_gauges.Last.Nodes.Count(n => n.Condition == c), "artel.node.condition", c)),
            "{node}", "Nodes that the cluster knows, by condition.");
        _meter.CreateObservableUpDownCounter("artel.nodes.draining", () => (long)_gauges.Last.Nodes.Count(n => n.Draining), "{node}", "Nodes that drain.");
    }

    private void AddNodes()
    {
        PerNode("artel.node.tasks", "{task}", "Tasks that run on a node.", n => n.Running);
        PerNode("artel.node.cpu.allocated", "{cpu}", "Cpus that tasks in a node's hands ask for.", n => n.MilliCpus / 1000d);
        PerNode("artel.node.cpu.limit", "{cpu}", "Cpus that a node has to give.", n => n.Capacity.MilliCpus / 1000d);
        PerNode("artel.node.memory.allocated", "By", "Memory that tasks in a node's hands ask for.", n => n.MemoryBytes);
        PerNode("artel.node.memory.limit", "By", "Memory that a node has to give.", n => n.Capacity.MemoryBytes);
        PerNode("artel.node.gpu.allocated", "{gpu}", "Gpus that tasks in a node's hands ask for.", n => n.MilliGpus / 1000d);
        PerNode("artel.node.gpu.limit", "{gpu}", "Gpus that a node has to give.", n => n.Capacity.MilliGpus / 1000d);
    }

    private void PerNode(string name, string unit, string description, Func<NodeFigures, double> of) =>
        _meter.CreateObservableUpDownCounter(
            name,
            () => _gauges.Last.Nodes.Where(n => n.Condition == NodeCondition.Connected)
                .Select((n, i) => (Name: i < MaxNodes ? n.Node.Value : "other", Value: of(n)))
                .GroupBy(n => n.Name, n => n.Value, StringComparer.Ordinal)
                .Select(g => new Measurement<double>(g.Sum(), new KeyValuePair<string, object?>("artel.node.id", g.Key))),
            unit, description);

    private void Histogram(string name, string description, Tally tally, string unit = "s")
    {
        var histogram = Histogram(name, description, unit, tally.Bounds);
        _drains.Add(() => tally.DrainInto(histogram));
    }

    private Histogram<double> Histogram(string name, string description, string unit, IReadOnlyList<double> bounds) =>
        _meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private long Drained(long value)
    {
        _drains.ForEach(drain => drain());
        return value;
    }

    private static Measurement<long> Of<T>(long value, string label, T word)
        where T : notnull => new(value, new KeyValuePair<string, object?>(label, word is Enum one ? Words.Of(one) : word));
}

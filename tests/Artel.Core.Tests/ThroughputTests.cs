using System.Diagnostics;
using System.Globalization;

namespace Artel.Core.Tests;

/// <summary>Measures; run by hand: <c>dotnet run -c Release --project tests/Artel.Core.Tests -- --explicit only --show-live-output on</c>.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void Grants_and_ends_of_one_large_array_over_16_nodes()
    {
        const int Tasks = 4_000_000;
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        var description = new NodeDescription(NodeKind.Native, "1.0", "host", "", new Resources(16_000, 0, 0, []), []);
        var nodes = Enumerable.Range(1, 16).Select(i => new NodeId($"node-{i}")).ToArray();
        foreach (var node in nodes)
        {
            state.Connect(node, new Incarnation(1), description, LeaseSet.Empty, now);
        }

        state.Submit(JobBuilder.Array(Tasks).Build(), default, "", held: false, now);
        var result = Results.Succeeded(seconds: 0.001);
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var ended = 0;
        var grants = 0;
        state.Place(now);
        var changes = state.TakeChanges();
        while (changes.Count > 0)
        {
            var held = changes.OfType<LeasesGranted>().ToArray();
            grants += held.Length;
            foreach (var grant in held)
            {
                for (var i = 0; i < grant.Leases.Count; i++)
                {
                    state.End(grant.Node, grant.Incarnation, grant.Leases[i], result, now);
                    ended++;
                }
            }

            state.Place(now);
            changes = state.TakeChanges();
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds;
        Assert.Equal(Tasks, ended);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ended / seconds:N0} grant+end pairs per second, {ended / cpu:N0} per second of cpu time, {grants} grants, {(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / ended} bytes allocated per pair"));
    }

    [Fact(Explicit = true)]
    public void Retries_on_other_nodes_of_an_array_over_1000_nodes()
    {
        const int Tasks = 100_000;
        const int EndsPerBatch = 100;
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        var description = new NodeDescription(NodeKind.Native, "1.0", "host", "", new Resources(4000, 0, 0, []), []);
        foreach (var node in Enumerable.Range(1, 1000))
        {
            state.Connect(new NodeId($"node-{node}"), new Incarnation(1), description, LeaseSet.Empty, now);
        }

        state.Submit(JobBuilder.Array(Tasks, t => t with { Retry = new RetryPolicy(1, default, 1, default) { AvoidSameNode = true } }).Build(), default, "", held: false, now);
        var held = new Queue<(LeasesGranted Grant, int At)>();
        var (ended, most) = (0, 0);
        var watch = Stopwatch.StartNew();
        do
        {
            for (var i = 0; i < EndsPerBatch && held.TryDequeue(out var lease); i++)
            {
                var result = lease.Grant.Attempt == 1 ? Results.Failed() : Results.Succeeded();
                state.End(lease.Grant.Node, lease.Grant.Incarnation, lease.Grant.Leases[lease.At], result, now);
                ended++;
            }

            state.Tick(now);
            state.Place(now);
            foreach (var grant in state.TakeChanges().OfType<LeasesGranted>())
            {
                for (var i = 0; i < grant.Leases.Count; i++)
                {
                    held.Enqueue((grant, i));
                }
            }

            most = Math.Max(most, held.Count);
        }
        while (held.Count > 0);

        Assert.Equal(2 * Tasks, ended);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ended / watch.Elapsed.TotalSeconds:N0} grant+end pairs per second in batches of {EndsPerBatch}, half of them retries elsewhere; {most} in flight at the most"));
    }

    [Fact(Explicit = true)]
    public void Commands_on_a_job_of_a_million_single_tasks()
    {
        var builder = new JobBuilder();
        for (var i = 0; i < 1_000_000; i++)
        {
            builder.Task("");
        }

        var spec = builder.Build();
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        var job = new JobId(1);
        var prepared = new PreparedJob(spec);
        Time("submit", () => state.Submit(prepared, default, "", held: false, now));
        Time("hold", () => state.Hold(job, true));
        Time("release", () => state.Hold(job, false));
        Time("priority", () => state.SetPriority(job, 2));
        Time("other terms", () => state.Revise(job, spec, default, "", new Dictionary<JobDependency, bool>()));
        Time("a limit", () => state.SetLimit("tag", 3));
        Time("limits of users", () => state.SetUserLimits(UserLimits.None with { Default = 5 }, "admin"));
        var waits = spec with { StartAt = now + TimeSpan.FromHours(1) };
        state.Submit(new PreparedJob(waits), default, "", held: false, now);
        Time("start at its time", () => state.Tick(now + TimeSpan.FromHours(1)));

        void Time(string what, Action command)
        {
            var watch = Stopwatch.StartNew();
            command();
            state.Place(now);
            state.TakeChanges();
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{what}: {watch.Elapsed.TotalMilliseconds:0.0} ms"));
        }
    }

    [Fact(Explicit = true)]
    public void Memory_of_a_job_of_a_million_single_tasks()
    {
        var builder = new JobBuilder();
        for (var i = 0; i < 1_000_000; i++)
        {
            builder.Task("");
        }

        var spec = builder.Build();
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        state.Submit(spec, default, "", held: false, now);
        state.TakeChanges();
        var elapsed = watch.Elapsed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(GC.GetTotalMemory(forceFullCollection: true) - before) / 1_000_000.0:0} bytes per task, submitted in {elapsed.TotalMilliseconds:0} ms"));
        GC.KeepAlive(state);
        GC.KeepAlive(spec);
    }
}

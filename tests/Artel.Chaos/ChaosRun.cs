using Artel.Chaos.Faults;
using Artel.Chaos.History;
using Artel.Chaos.Workload;
using Artel.Testing;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Chaos;

/// <summary>One run: work and faults for a time, then quiet until all has ended, then the comparison.</summary>
public sealed class ChaosRun
{
    private const int Submitters = 4;

    // Seeds of hands and submitters are apart, and those of neighbouring runs are not the same ones shifted.
    private const int SeedsPerRun = 1000;

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan TimeToDie = TimeSpan.FromSeconds(10);

    private readonly Options _options;
    private readonly Arena _arena;
    private readonly Story _story;
    private readonly int _seed;

    private ChaosRun(Options options, Arena arena, Story story)
    {
        _options = options;
        _arena = arena;
        _story = story;
        _seed = unchecked(options.Seed * SeedsPerRun);
    }

    /// <param name="people">Where it says what it does.</param>
    /// <param name="stop">Ends the faults early; the comparison is still made.</param>
    public static async Task<Report> RunAsync(Options options, TextWriter people, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var story = new Story(people, options.Log is null ? null : File.CreateText(options.Log));
        await using var arena = await Arena.OpenAsync(options);
        return await new ChaosRun(options, arena, story).RunAsync(stop);
    }

    private async Task<Report> RunAsync(CancellationToken stop)
    {
        var runs = Directory.CreateDirectory(_arena.Cluster.Folder["runs"]).FullName;
        using var client = await _arena.OpenClientAsync();
        var program = new TaskProgram(runs);
        List<Submitter> submitters = [.. Enumerable.Range(1, Submitters).Select(n => MakeSubmitter(n, program, client))];
        var watcher = new Watcher(submitters, client);
        List<Hand> hands = [.. _arena.Hands(_seed, _story)];

        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(stop);
        quiet.CancelAfter(_options.Duration);
        _story.Say($"work and faults for {_options.Duration.TotalMinutes:0.#} minutes, seed {_options.Seed}");
        await Task.WhenAll(
        [
            .. submitters.Select(s => s.RunAsync(quiet.Token)), watcher.RunAsync(quiet.Token),
            .. hands.Select(hand => hand.RunAsync(quiet.Token)),
        ]);

        _story.Say("quiet; waiting for all jobs to end");
        var witness = new Witness(client);
        await EndJobsAsync(witness, hands);
        var leftOver = await GoneAsync("tasks whose jobs have ended", _arena.Cluster.Home, "ARTEL_TASK_ID=");
        var jobs = await TestifyAsync(witness);
        await StopAsync();
        leftOver = [.. leftOver, .. await GoneAsync("programs that were stopped", _arena.Cluster.Home)];

        var records = new Records(
            [.. submitters.SelectMany(s => s.Submissions)], jobs, RunLog.Read(runs), watcher.Glimpses, leftOver, [.. hands.SelectMany(h => h.Crashes)]);
        var figures = Figures.Of(records);
        foreach (var line in records.StoryOf(figures.StuckTask))
            _story.Note("longest stuck", line);

        return new Report(_options, figures, HistoryChecker.Check(records), _story.Faults, _arena.Notes);
    }

    private Submitter MakeSubmitter(int number, TaskProgram program, ClusterClient client)
    {
        var chance = new Random(unchecked(_seed - number));
        return new Submitter($"{number}", chance, new JobMix(chance, _arena.Nodes, _options.Exclusive, program), program, _arena.Cluster, client, _story);
    }

    /// <summary>Returns when all jobs have ended, or it has taken too long, which the comparison then sees.</summary>
    private async Task EndJobsAsync(Witness witness, IReadOnlyList<Hand> hands)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeToEnd)
        {
            try
            {
                if ((await witness.JobsAsync()).All(Witness.HasEnded))
                    return;
            }
            catch (RpcException e) when (ClusterClient.IsNoAnswer(e))
            {
                _story.Note("run", $"no answer yet: {e.Status.Detail}");
            }

            // What was done to a program last may end it only now.
            foreach (var hand in hands)
                await hand.LookAsync();

            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        }
    }

    private static async Task<List<JobSeen>> TestifyAsync(Witness witness)
    {
        List<JobSeen> seen = [];
        foreach (V1.Job job in await witness.JobsAsync())
            seen.Add(await witness.TestifyAsync(job));

        return seen;
    }

    private async Task StopAsync()
    {
        RunningProgram[] programs = [.. _arena.Nodes.Select(_arena.Cluster.Node), _arena.Cluster.Server];
        foreach (var program in programs.Where(p => !p.HasEnded))
        {
            program.Signal("TERM");
            await program.EndAsync();
        }
    }

    /// <summary>What is not gone in time.</summary>
    private static async Task<IReadOnlyList<string>> GoneAsync(string what, params string[] texts)
    {
        var started = TimeProvider.System.GetTimestamp();
        var left = LeftOvers.With(texts);
        while (left.Count > 0 && TimeProvider.System.GetElapsedTime(started) < TimeToDie)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            left = LeftOvers.With(texts);
        }

        return [.. left.Select(process => $"{what}: {process}")];
    }
}

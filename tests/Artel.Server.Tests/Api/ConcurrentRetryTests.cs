using Artel.Protocol.V1;
using Artel.Server.Tests.Support;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>People who retry the same large job at the same time, over the real server.</summary>
public sealed class ConcurrentRetryTests
{
    private const int Tasks = 100_000;
    private const int Retries = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Retries_at_the_same_time_start_each_task_once_and_its_node_has_what_it_needs_for_it()
    {
        await using var server = await LiveServer.StartAsync();
        var job = await server.SubmitAsync(new JobSpec { Tasks = { new TaskTemplate { Run = { "a" }, Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = Tasks } } } } } });
        await server.Admin.CancelAsync(new JobAction { Job = job }, cancellationToken: Cancellation);
        await server.EndsAsync(job);
        await using var link = await RawLink.ConnectAsync(server, "node", Cancellation);
        var working = EndAllAsync(link, Tasks);

        var retried = await Task.WhenAll(Enumerable.Range(0, Retries).Select(async _ => (await server.Admin.RetryAsync(new JobAction { Job = job })).Tasks));

        Assert.Equal(Tasks, retried.Sum());
        Assert.Equal([], await working.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, Cancellation));
        Assert.Equal(Tasks, (await server.EndsAsync(job)).Counts.Succeeded);
    }

    /// <summary>Has all tasks succeed that come. Templates that were used and not sent.</summary>
    private static async Task<List<(long Job, int Template)>> EndAllAsync(RawLink link, int tasks)
    {
        var templates = new HashSet<(long Job, int Template)>();
        var missing = new List<(long Job, int Template)>();
        for (var ended = 0; ended < tasks && await link.Incoming.MoveNext(Cancellation);)
        {
            var message = link.Incoming.Current;
            foreach (var job in message.ForgetJobs?.Jobs ?? [])
            {
                templates.RemoveWhere(t => t.Job == job);
            }

            if (message.Assign is not { } assign)
            {
                continue;
            }

            templates.UnionWith(assign.Templates.Select(t => (t.Job, t.Template)));
            missing.AddRange(assign.Grants.Select(g => (g.Job, g.Template)).Where(g => !templates.Contains(g)));
            var results = new Ended();
            foreach (var leases in assign.Grants.Select(g => g.Leases))
            {
                results.Results.AddRange(Enumerable.Range(0, leases.Count).Select(i => new AttemptResult
                {
                    Lease = new Lease { Epoch = leases.Epoch, Sequence = leases.FirstSequence + i },
                    State = NodeState.Succeeded,
                    Outcome = AttemptOutcome.Succeeded,
                }));
            }

            ended += results.Results.Count;
            await link.SendAsync(new NodeMessage { Ended = results });
        }

        return missing;
    }
}

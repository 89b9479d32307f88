using Artel.Core;

namespace Artel.Server.Tests.Storage;

/// <summary>Tells a story by chance, of changes that a cluster could really make.</summary>
internal sealed class RandomEvents(Story story, Random random)
{
    private static readonly string[] Nodes = ["1", "2", "render-07", "x_y.z"];

    private ReferenceCluster Known => story.Reference;

    /// <summary>Up to so many events.</summary>
    public void Tell(int most)
    {
        for (var i = random.Next(1, most); i > 0; i--)
        {
            TellOne();
        }
    }

    private void TellOne()
    {
        var unfinished = Known.Jobs.Values.Where(job => job.End is null).ToList();
        var job = unfinished.Count == 0 ? null : Pick(unfinished);
        switch (random.Next(20))
        {
            case 0 when Known.Jobs.Count < 12:
                var made = story.Submit(random.Next(1, 60), requestId: random.Next(2) == 0 ? $"r{Known.Jobs.Count}" : "", held: random.Next(4) == 0);
                story.Tell(new JobStarted(made, story.Now));
                break;
            case 1:
                TellOfNode(Pick(Nodes));
                break;
            case 2 when job is not null:
                story.Tell(new JobHeldOrReleased(job.Made.Job, random.Next(2) == 0));
                break;
            case 3 when job is not null && random.Next(3) == 0:
                story.Tell(new JobPriorityChanged(job.Made.Job, random.Next(-5, 5)));
                break;
            case 3 when random.Next(3) == 0:
                story.Tell(new LimitSet(Pick(["db", "net"]), random.Next(3) == 0 ? null : random.Next(9)));
                break;
            case 3:
                Retry();
                break;
            case 4 when job is not null:
                EndSome(job);
                break;
            case 5 or 6 when job is not null:
                ReturnOrCancel(job);
                break;
            case < 12 when job is not null:
                GrantSome(job);
                break;
            case >= 12 when job is not null:
                EndAttempts(job);
                break;
        }

        if (job is { End: null } && job.Tasks.All(task => task.Ended is not null))
        {
            story.EndJob(job.Made.Job);
        }
    }

    private void TellOfNode(string node)
    {
        if (!Known.Nodes.ContainsKey(node) || random.Next(3) == 0)
        {
            story.Connect(node, (ulong)random.NextInt64(), ("os", Pick(["linux", "windows"])));
            return;
        }

        story.Tell(random.Next(3) switch
        {
            0 => new NodeForgotten(new NodeId(node)),
            1 => random.Next(3) switch
            {
                0 => new NodeDraining(new NodeId(node), false),
                1 => new NodeDraining(new NodeId(node), true),
                _ => new NodeDraining(new NodeId(node), true, story.Now),
            },
            _ => new NodeDisconnected(new NodeId(node), Pick([NodeCondition.Disconnected, NodeCondition.Lost, NodeCondition.Stopped]), story.Now),
        });
    }

    private void GrantSome(JobModel job)
    {
        var first = random.Next(1, job.Tasks.Length + 1);
        var (attempts, most) = (job[first].History.Attempts, random.Next(1, 20));
        var count = 0;
        while (count < most && first + count <= job.Tasks.Length && IsReady(job, first + count)
            && job[first + count].History.Attempts == attempts)
        {
            count++;
        }

        if (count > 0)
        {
            story.Grant(job.Made.Job, first, count, Pick(Nodes), (ulong)random.NextInt64());
        }
    }

    private void EndAttempts(JobModel job)
    {
        foreach (var lease in Shuffled(OpenOf(job)).Take(random.Next(1, 8)))
        {
            switch (random.Next(8))
            {
                case 0:
                    story.End(job.Made.Job, lease, TaskState.Ready, avoid: random.Next(2) == 0);
                    break;
                case 1:
                    story.End(job.Made.Job, lease, TaskState.Ready, lost: true);
                    break;
                case 2:
                    story.End(job.Made.Job, lease, TaskState.Failed, reason: "failed too often");
                    break;
                case 3 when Known.Cancels.ContainsKey(lease):
                    story.End(job.Made.Job, lease, TaskState.Cancelled, AttemptOutcome.Cancelled);
                    break;
                default:
                    story.End(job.Made.Job, lease);
                    break;
            }
        }
    }

    private void ReturnOrCancel(JobModel job)
    {
        foreach (var lease in Shuffled(OpenOf(job)).Take(2))
        {
            if (random.Next(2) == 0)
            {
                story.Return(job.Made.Job, lease);
            }
            else if (!Known.Cancels.ContainsKey(lease))
            {
                story.Cancel(job.Made.Job, lease);
            }
        }
    }

    private void EndSome(JobModel job)
    {
        var first = random.Next(1, job.Tasks.Length + 1);
        var last = first - 1;
        while (last < job.Tasks.Length && last - first < 30 && IsReady(job, last + 1))
        {
            last++;
        }

        if (last >= first)
        {
            story.EndTasks(job.Made.Job, first, last, Pick([TaskState.Cancelled, TaskState.Skipped, TaskState.Failed]), $"reason {random.Next(3)}");
        }
    }

    private void Retry()
    {
        if (Known.Jobs.Count == 0)
        {
            return;
        }

        var job = Pick([.. Known.Jobs.Values]);
        var first = random.Next(1, job.Tasks.Length + 1);
        var state = job[first].Ended;
        var last = first;
        while (last < job.Tasks.Length && job[last + 1].Ended == state && random.Next(6) > 0)
        {
            last++;
        }

        if (state is not null)
        {
            story.Retry(job.Made.Job, first, last);
        }
    }

    private bool IsReady(JobModel job, int task) =>
        job[task].Ended is null && !Known.Open.Values.Any(lease => lease.Task == task && job.Granted.Contains(lease.Granted));

    private List<Lease> OpenOf(JobModel job) =>
        [.. Known.Open.Values.Where(lease => job.Granted.Contains(lease.Granted)).Select(lease => lease.Lease).OrderBy(lease => lease.Epoch).ThenBy(lease => lease.Sequence)];

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    private List<T> Shuffled<T>(List<T> list)
    {
        var shuffled = list.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }
}

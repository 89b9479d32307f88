using System.Runtime.CompilerServices;
using Artel.Cli.Access;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Tasks of a job, a page at a time, as the server gives them.</summary>
internal static class TaskPages
{
    private const int MostInPage = 1000;

    /// <param name="request">Where it begins; moved on from page to page.</param>
    /// <param name="limit">Most tasks in all.</param>
    public static async IAsyncEnumerable<(IReadOnlyList<WireTask> Tasks, bool More)> ReadAsync(
        ClusterSession session, ListTasksRequest request, long limit, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var left = limit; left > 0;)
        {
            request.Limit = (int)Math.Min(left, MostInPage);
            var page = await session.Client.ListTasksAsync(request, session.Question(ct));
            yield return (page.Tasks, page.More);
            left -= page.Tasks.Count;
            if (!page.More || page.Tasks.Count == 0)
                yield break;

            request.After = page.Tasks[^1].Number;
        }
    }

    /// <summary>The tasks of a job, or of those that are named, that are in one of these states now.</summary>
    public static async Task<IReadOnlyList<TaskSpan>> InStatesAsync(
        ClusterSession session, Selected job, IEnumerable<TaskState> states, CancellationToken ct)
    {
        var request = new ListTasksRequest { Job = job.Job, States = { states }, Tasks = { job.Ranges } };
        var numbers = new List<int>();
        await foreach (var (tasks, _) in ReadAsync(session, request, long.MaxValue, ct))
            numbers.AddRange(tasks.Select(t => t.Number));

        return TaskSpan.Of(numbers);
    }
}

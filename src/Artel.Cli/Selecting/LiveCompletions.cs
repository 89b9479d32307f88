using System.CommandLine.Completions;
using System.Globalization;
using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Selecting;

/// <summary>
/// What a shell may complete with: jobs, tasks and nodes, asked of the cluster. Within a bound of time that nobody minds at a key
/// press, and silent where that is not enough or anything goes wrong.
/// </summary>
internal static class LiveCompletions
{
    private const int MostJobs = 30;
    private const int MostTasks = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    /// <summary>Numbers of jobs, newest first; behind a dot, numbers of that job's tasks.</summary>
    public static IEnumerable<CompletionItem> Jobs(Surroundings s, CompletionContext context, bool withTasks)
    {
        var word = context.WordToComplete;
        var dot = word.IndexOf('.', StringComparison.Ordinal);
        var labels = dot >= 0 && withTasks
            ? Ask(s, context, (client, options) => TasksAsync(client, word[..dot], word[(dot + 1)..], options))
            : Ask(s, context, async (client, options) =>
                (await client.ListJobsAsync(new ListJobsRequest { Limit = MostJobs }, options)).Jobs.Select(j => j.Id.ToString(CultureInfo.InvariantCulture)).Prepend(TaskSelector.Last));
        // In the order in which they come, which is newest first.
        return labels.Where(l => l.StartsWith(word, StringComparison.Ordinal)).Select((l, i) => new CompletionItem(l, sortText: i.ToString("D4", CultureInfo.InvariantCulture)));
    }

    /// <summary>Ids of nodes.</summary>
    public static IEnumerable<CompletionItem> Nodes(Surroundings s, CompletionContext context) =>
        Ask(s, context, async (client, options) => (await client.ListNodesAsync(new ListNodesRequest(), options)).Nodes.Select(n => n.Id))
            .Where(id => id.StartsWith(context.WordToComplete, StringComparison.Ordinal)).Select(id => new CompletionItem(id));

    private static async Task<IEnumerable<string>> TasksAsync(Cluster.ClusterClient client, string job, string typed, CallOptions options)
    {
        if (TaskSelector.Parse(job) is not { } selector)
            return [];

        var id = selector.Job ?? (await client.ListJobsAsync(new ListJobsRequest { Mine = true, Limit = 1 }, options)).Jobs.FirstOrDefault()?.Id ?? 0;
        var count = (await client.GetJobAsync(new GetJobRequest { Job = id }, options)).Counts?.Total ?? 0;

        // Behind what is typed already: 12.3 may become 12.3, 12.30 to 12.39, and so on.
        return Enumerable.Range(1, count).Select(n => n.ToString(CultureInfo.InvariantCulture))
            .Where(n => n.StartsWith(typed, StringComparison.Ordinal)).Take(MostTasks).Select(n => $"{job}.{n}");
    }

    private static IReadOnlyList<string> Ask(
        Surroundings s, CompletionContext context, Func<Cluster.ClusterClient, CallOptions, Task<IEnumerable<string>>> ask)
    {
        try
        {
            // The parser asks for completions without waiting for anything, so the wait is here.
            var asking = Task.Run(async () =>
            {
                using var patience = new CancellationTokenSource(Patience, s.Clock);
                var session = await s.ConnectAsync(context.ParseResult, patience.Token);
                return (IReadOnlyList<string>)[.. await ask(session.Client, ClusterSession.Stream(patience.Token))];
            });
#pragma warning disable VSTHRD002 // On a thread that nothing else waits for.
            return asking.Wait(Patience * 2) ? asking.Result : [];
#pragma warning restore VSTHRD002
        }
#pragma warning disable CA1031 // Whatever it is: a shell that completes has no place for a message.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }
}

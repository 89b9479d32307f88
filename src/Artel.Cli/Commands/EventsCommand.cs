using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Running;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel events</c>: what happens in the cluster, a line each.</summary>
internal static class EventsCommand
{
    /// <summary>So many are shown where nothing else is asked for.</summary>
    private const int Few = 50;

    public static Command Create(Surroundings s)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens next, over restarts of the server, until Ctrl-C." };
        var after = Amounts.Count("--after", "Only what happened after this position; 0 is all that is kept, which is the last million.", 0, long.MaxValue);
        var tail = Amounts.Count("--tail", "Only so many of the last ones.", 0, 1_000_000, Few);
        var job = JobOption();
        var json = Verb.Json();
        var command = new Verb("events", "Show what happens: jobs and tasks that start, end and fail, nodes that come and go.")
        {
            Examples = ["artel events -f", "artel events --after 12345 --json", "artel events -f --job 12 --tail 0"],
        };
        command.Add(follow);
        command.Add(after);
        command.Add(tail);
        command.Add(job);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var since = parsed.GetResult(after) is { Implicit: false };
            if (since && parsed.GetResult(tail) is { Implicit: false })
                throw CommandFailure.WrongUsage("--after and --tail: give one of them");

            var session = await s.ConnectAsync(parsed, ct);
            var request = new WatchEventsRequest
            {
                After = since ? parsed.GetValue(after) : -parsed.GetValue(tail),
                Follow = parsed.GetValue(follow),
                Job = await FindAsync(session, parsed.GetValue(job), s, ct),
            };
            if (!since && parsed.GetValue(tail) == 0)
            {
                // None of what was: from the position of the last one on.
                request.After = await LastAsync(session, ct);
            }

            await PrintAsync(session, request, parsed.GetValue(json), s, ct);
            return ExitStatus.Done;
        });
        return command;
    }

    private static Option<TaskSelector?> JobOption() => new("--job")
    {
        Description = "Only of this job; 'last' is your newest one.",
        HelpName = "JOB",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (TaskSelector.Parse(text) is { Tasks.Count: 0 } selector)
                return selector;

            result.AddError($"--job: '{text}' is no job: {TaskSelector.JobRule}");
            return null;
        },
    };

    /// <summary>Gives 0 where no job is named. One that is not there is not found: nothing would ever be shown of it.</summary>
    private static async Task<long> FindAsync(ClusterSession session, TaskSelector? named, Surroundings s, CancellationToken ct)
    {
        if (named is null)
            return 0;

        var id = (await new JobChoice { Named = [named] }.FindOneAsync(session, s, ct)).Job;
        await session.Client.GetJobAsync(new GetJobRequest { Job = id }, session.Question(ct));
        return id;
    }

    private static async Task PrintAsync(ClusterSession session, WatchEventsRequest request, bool json, Surroundings s, CancellationToken ct)
    {
        var persistence = new Persistence(session, "what happens meanwhile is kept there", "", s.Terminal.Warn, s.Clock);
        var some = false;
        while (true)
        {
            using var call = session.Client.WatchEvents(request, ClusterSession.Stream(ct));
            try
            {
                while (await call.ResponseStream.MoveNext(ct))
                {
                    persistence.Heard();
                    some = true;
                    var happened = call.ResponseStream.Current;
                    request.After = happened.Position;
                    s.Terminal.Print(json ? ArtelJson.Write(EventJson.Of(happened), j => j.EventJson, indented: false) : EventText.Of(happened));
                }

                return;
            }
            catch (RpcException e) when (request.Follow && some)
            {
                await persistence.AfterAsync(e, ct);
            }
        }
    }

    private static async Task<long> LastAsync(ClusterSession session, CancellationToken ct)
    {
        using var call = session.Client.WatchEvents(new WatchEventsRequest { After = -1 }, session.Question(ct));
        return await call.ResponseStream.MoveNext(ct) ? call.ResponseStream.Current.Position : 0;
    }
}

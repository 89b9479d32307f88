using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Running;
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
        var job = Amounts.Count("--job", "Only of this job.", 1, long.MaxValue);
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
                Job = parsed.GetValue(job),
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

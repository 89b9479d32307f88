using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Results;
using Artel.Cli.Running;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel logs</c></summary>
internal static class LogsCommand
{
    public static Command Create(Surroundings s)
    {
        var what = SelectorArguments.JobOrTask();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the task or job has ended." };
        var attempt = Amounts.Count("--attempt", "Output of this attempt of a task [the last one].", 1, int.MaxValue);
        var tail = Amounts.Size("--tail", "Only so many bytes at the end of each stream of a task, such as 4KiB.");
        var stdout = new Option<bool>("--stdout") { Description = "Only standard output." };
        var stderr = new Option<bool>("--stderr") { Description = "Only standard error." };
        var json = Verb.Json();
        var command = new Verb(
            "logs",
            "Print what a task has written, byte for byte: standard output to standard output, standard error to standard error.\n"
            + "Of a job with several tasks: of each task that has ended, one after the other, in the order in which they ended.")
        {
            Examples = ["artel logs 12.3", "artel logs -f 12", "artel logs 12.3 --stderr --tail 4KiB", "artel logs 12.3 --attempt 1"],
        };
        command.Add(what);
        command.Add(follow);
        command.Add(attempt);
        command.Add(tail);
        command.Add(stdout);
        command.Add(stderr);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var selector = parsed.GetRequiredValue(what);
            var streams = Streams(parsed.GetValue(stdout), parsed.GetValue(stderr));
            var session = await s.ConnectAsync(parsed, ct);
            var task = selector.Task ?? await OnlyTaskAsync(session, selector.Job, ct);
            var printer = parsed.GetValue(json)
                ? new JsonOutput(selector.Job, s.Terminal.OutputWriter)
                : (IOutputPrinter)new RawOutput(Console.OpenStandardOutput(), Console.OpenStandardError(), s.Terminal);
            if (task is { } number)
            {
                var request = new ReadOutputRequest
                {
                    Job = selector.Job,
                    Task = number,
                    Attempt = (int)parsed.GetValue(attempt),
                    Offset = -(parsed.GetValue(tail) ?? 0),
                    Follow = parsed.GetValue(follow),
                };
                await ReadTaskAsync(session, request, streams, printer, s, ct);
                return ExitStatus.Done;
            }

            if (parsed.GetValue(attempt) > 0 || parsed.GetValue(tail) is not null)
                throw CommandFailure.WrongUsage($"job {selector.Job} has several tasks: --attempt and --tail are for one, such as {selector.Job}.1");

            var sink = new PrintingSink(printer, streams);
            var feed = new ResultFeed(session, selector.Job, [sink], true, s.Terminal.Warn, s.Clock);
            await feed.ReadAsync(parsed.GetValue(follow), ct);
            return feed.Damaged > 0 ? ExitStatus.TaskFailed : ExitStatus.Done;
        });
        return command;
    }

    /// <summary>1 where the job has one task; null where it has more.</summary>
    private static async Task<int?> OnlyTaskAsync(ClusterSession session, long job, CancellationToken ct)
    {
        var counts = (await session.Client.GetJobAsync(new GetJobRequest { Job = job }, session.Question(ct))).Counts;
        return counts is { Total: 1 } ? 1 : null;
    }

    private static Task ReadTaskAsync(
        ClusterSession session, ReadOutputRequest request, WireStream[] streams, IOutputPrinter printer, Surroundings s, CancellationToken ct)
    {
        var relay = new LiveRelay(session, request, s.Terminal.Warn, s.Clock);
        return Task.WhenAll(streams.Select(stream => relay.RelayAsync(
            stream, (attempt, data) => printer.Print(request.Task, attempt, stream, data.Span), ct)));
    }

    private static WireStream[] Streams(bool onlyOutput, bool onlyError) => (onlyOutput, onlyError) switch
    {
        (true, false) => [WireStream.Stdout],
        (false, true) => [WireStream.Stderr],
        _ => [WireStream.Stdout, WireStream.Stderr],
    };
}

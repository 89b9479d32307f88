using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Results;
using Artel.Cli.Running;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Commands;

/// <summary><c>artel logs</c></summary>
internal static class LogsCommand
{
    public static Command Create(Surroundings s)
    {
        var what = JobSelection.OneJobOrTasks(s);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the task or job has ended, over the retries of a task." };
        var all = new Option<bool>("--all", "-a") { Description = "All tasks of the job at the same time: whole lines, each with its task before it." };
        var attempt = Amounts.Count("--attempt", "Output of this attempt of a task [the last one].", 1, int.MaxValue);
        var tail = new TailOption();
        var stdout = new Option<bool>("--stdout") { Description = "Only standard output." };
        var stderr = new Option<bool>("--stderr") { Description = "Only standard error." };
        var raw = new Option<bool>("--raw") { Description = "Pass output to a terminal as it is, escape sequences included." };
        var quiet = new Option<bool>("--quiet", "-q")
        {
            Description = "Print no heading before the output of a task, and with --all no task id before each line.",
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print the heading for a single task too." };
        var json = Verb.Json();
        var command = new Verb(
            "logs",
            "Print what a task has written: standard output to standard output, standard error to standard error, byte for byte. A terminal gets "
            + "text and colours only; other escape sequences are shown, unless --raw.\n"
            + "Of a job with several tasks: of each task that has ended, one after the other, in the order in which they ended; with --all, of those "
            + "that run too. With --all -f, up to 16 running tasks are followed at the same time, others are shown when they end.")
        {
            Examples =
            [
                "artel logs 12.3", "artel logs -f last", "artel logs -f --all 12", "artel logs 12.3 --stderr --tail 20", "artel logs 12.3 --tail 4KiB",
                "artel logs 12 --state failed --stderr", "artel logs -q 12 | sort", "artel logs 12.3 --attempt 1",
            ],
        };
        what.AddTo(command);
        command.Add(follow);
        command.Add(all);
        command.Add(attempt);
        command.Add(tail.Option);
        command.Add(stdout);
        command.Add(stderr);
        command.Add(raw);
        command.Add(quiet);
        command.Add(verbose);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = what.Read(parsed);
            var streams = Streams(parsed.GetValue(stdout), parsed.GetValue(stderr));
            var end = tail.Read(parsed);
            if (parsed.GetValue(quiet) && parsed.GetValue(verbose))
                throw CommandFailure.WrongUsage("--quiet and --verbose: give one of them");

            var isNamed = !parsed.GetValue(quiet);
            var isJson = parsed.GetValue(json);
            var isRaw = parsed.GetValue(raw);
            var session = await s.ConnectAsync(parsed, ct);
            var selected = await choice.FindOneAsync(session, s, ct);
            var task = selected.Tasks.Count == 0 ? await OnlyTaskAsync(session, selected.Job, ct) : selected.Task;
            if (task is { } number && !parsed.GetValue(all))
            {
                var request = new ReadOutputRequest
                {
                    Job = selected.Job,
                    Task = number,
                    Attempt = (int)parsed.GetValue(attempt),
                    Offset = -end.Bytes,
                    TailLines = end.Lines,
                    Follow = parsed.GetValue(follow),
                };
                var printer = Printer(isJson, isRaw, parsed.GetValue(verbose), selected.Job, s);
                if (parsed.GetValue(verbose))
                {
                    var which = new GetTaskRequest { Job = selected.Job, Task = number };
                    printer.Head(await session.Client.GetTaskAsync(which, session.Question(ct)));
                }

                await ReadTaskAsync(session, request, streams, printer, s, ct);
                await TellCutsAsync(session, request, new CutReport(s.Terminal.Warn, streams), ct);
                return ExitStatus.Done;
            }

            if (parsed.GetValue(attempt) > 0 || end.Bytes > 0)
                throw CommandFailure.WrongUsage($"{selected} is several tasks: --attempt and a --tail of bytes are for one, such as {selected.Job}.1");

            if (end.Lines > 0 && (parsed.GetValue(all) || parsed.GetValue(follow)))
                throw CommandFailure.WrongUsage("--tail is for one task, or for tasks one after another: leave out --all and --follow");

            // Several that are followed can not wait for each other.
            if (parsed.GetValue(all) || (selected.Tasks.Count > 0 && parsed.GetValue(follow)))
            {
                var printer = isJson
                    ? Printer(true, false, isNamed, selected.Job, s)
                    : Prefixed(isRaw, isNamed, selected.Job, s);
                var live = new LiveTasks(session, selected, streams, printer, s);
                return StatusOf(parsed.GetValue(follow) ? await live.FollowAsync(ct) : await live.ReadAsync(ct));
            }

            var cuts = new CutReport(s.Terminal.Warn, streams);
            var sink = new PrintingSink(Printer(isJson, isRaw, isNamed, selected.Job, s), streams);
            if (selected.Tasks.Count > 0 || end.Lines > 0)
            {
                var tails = new TaskFeed(session, selected, s.Terminal.Warn) { TailLines = end.Lines };
                return StatusOf(await tails.ReadAsync([sink, cuts], ct));
            }

            var feed = new ResultFeed(session, selected.Job, [sink, cuts], true, s.Terminal.Warn, s.Clock);
            await feed.ReadAsync(parsed.GetValue(follow), ct);
            return StatusOf(feed.Damaged);
        });
        return command;
    }

    private static int StatusOf(int damaged) => damaged > 0 ? ExitStatus.TaskFailed : ExitStatus.Done;

    private static IOutputPrinter Printer(bool json, bool raw, bool hasHeads, long job, Surroundings s) => json
        ? new JsonOutput(job, s.Terminal.OutputWriter)
        : new RawOutput(s.Terminal.OpenOutput(raw), s.Terminal.OpenError(raw), s.Terminal, hasHeads);

    private static PrefixedOutput Prefixed(bool raw, bool isNamed, long job, Surroundings s)
    {
        var hasColours = s.Terminal.Out.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
        return new PrefixedOutput(job, s.Terminal.OpenOutput(raw), s.Terminal.OpenError(raw), hasColours, isNamed);
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

    /// <summary>Warns if not all that the attempt wrote was kept. That is known once it has ended.</summary>
    private static async Task TellCutsAsync(
        ClusterSession session, ReadOutputRequest request, CutReport cuts, CancellationToken ct)
    {
        var which = new GetTaskRequest { Job = request.Job, Task = request.Task };
        var task = await session.Client.GetTaskAsync(which, session.Question(ct));
        var attempt = request.Attempt > 0
            ? task.Attempts.FirstOrDefault(a => a.Number == request.Attempt)
            : JobText.LastAttempt(task);
        if (attempt is not null)
            cuts.Add(task, attempt);
    }

    private static WireStream[] Streams(bool onlyOutput, bool onlyError) => (onlyOutput, onlyError) switch
    {
        (true, false) => [WireStream.Stdout],
        (false, true) => [WireStream.Stderr],
        _ => [WireStream.Stdout, WireStream.Stderr],
    };
}

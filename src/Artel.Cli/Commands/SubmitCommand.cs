using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Submitting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel submit</c></summary>
internal static class SubmitCommand
{
    public static Command Create(Surroundings s)
    {
        var options = new JobOptions(withHold: true);
        var onEnd = new OnEndOptions();
        var wait = new Option<bool>("--wait") { Description = "Wait until the job has ended. Exit status 1 where a task failed." };
        var json = Verb.Json();
        var command = new Verb("submit", "Submit a map, a command or a script and print the job's number.\nOnce the number is printed, the job survives the server's death.")
        {
            Usages = JobOptions.Usages,
            Examples =
            [
                "artel submit map.yaml",
                "artel submit -- ./simulate --seed 1",
                "artel submit --array 1-1000 --retries 2 --cpus 2 --memory 4GiB -- ./simulate --seed {index}",
                "artel submit --each-line files.txt --at-once 50 -- ./convert {entry} {entry:.}.png",
                "artel submit -- ./convert {} {.}.png ::: *.jpg",
                "artel submit --after last -- ./report",
                "artel submit job.sh -- input.dat  # a script with its options in '#ARTEL' lines",
                "artel submit --node render-07 --stdin scene.txt -- ./render -",
                "id=$(artel submit map.yaml) && artel logs -f $id",
            ],
        };
        options.AddTo(command);
        onEnd.AddTo(command);
        command.Add(wait);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var submission = await options.ReadAsync(parsed, s, ct);
            onEnd.Apply(parsed, submission.Job, OwnProcess.CurrentFolder());
            if (options.IsOnlyPrinted(parsed, submission.Job, s.Terminal))
                return ExitStatus.Done;

            var session = await s.ConnectAsync(parsed, ct);

            // The question runs beside the submission, and its answer comes after the number: only the end of this
            // command waits for it.
            var isMap = submission.MapFile is not null;
            var places = PlaceWarnings.AskAsync(session, submission.Layout, isMap, s.Clock, ct);
            var reply = await Submitter.SubmitAsync(session, submission.Job, s, ct);
            if (reply.TaskCount == 0)
                s.Terminal.Note(EmptyJob.Said(reply.Job));

            foreach (var warning in reply.Warnings)
                s.Terminal.Warn(warning);

            var number = FormattableString.Invariant($"{reply.Job}");
            s.Terminal.PrintCreated(
                parsed.GetValue(json)
                    ? ArtelJson.Write(
                        new SubmittedJson(reply.Job, reply.TaskCount, [.. reply.Warnings]),
                        j => j.SubmittedJson,
                        indented: false)
                    : number,
                $"job {number} is submitted");
            await s.Terminal.OutputWriter.FlushAsync(ct);
            foreach (var warning in await places)
                s.Terminal.Warn(warning);

            if (!parsed.GetValue(wait))
                return ExitStatus.Done;

            var ended = await WaitCommand.WaitForAsync(session, reply.Job, s, ct);
            return ended.State == JobState.Succeeded ? ExitStatus.Done : ExitStatus.TaskFailed;
        });
        return command;
    }
}

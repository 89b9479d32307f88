using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Cli.Submitting;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Option = System.CommandLine.Option;

namespace Artel.Cli.Commands;

/// <summary><c>artel set</c>: changes of jobs that have not ended.</summary>
internal static class SetCommand
{
    public static Command Create(Surroundings s)
    {
        var which = JobSelection.Jobs(s, JobFilter.Unfinished, TakesAll.Yes);
        var priority = Amounts.Count("--priority", "Higher goes first. What runs goes on.", -JobLimits.MaxPriority, JobLimits.MaxPriority);
        var memory = Amounts.Size("--memory", "Memory that each task occupies, such as 4GiB.");
        var cpus = Amounts.Thousandths("--cpus", "Cpus that each task occupies, such as 2 or 0.5.");
        var timeout = Amounts.DurationOrNone(
            "--timeout", "End an attempt that takes longer, such as 90s or 1h30m; 'none' ends none.");
        var retries = Amounts.Count("--retries", "How often a failed attempt is tried again.", 0, JobLimits.MaxRetries);
        var atOnce = Amounts.CountOrNone(
            "--at-once",
            "Run at most N tasks at the same time, of each array and of each node's queue. 'none' removes the limit of "
            + "an array, and a node's queue then runs one at a time.",
            JobLimits.MaxAtOnce);
        var after = Amounts.Words(
            "--after",
            "Start when this job, or task of one, has succeeded; replaces everything that the job waits for. 'none' "
            + "waits for nothing. May be given several times.",
            "JOB[.TASK]");
        var afterAny = Amounts.Words("--after-any", "Like --after, but when it has ended in any way.", "JOB[.TASK]");
        var rename = new Option<string?>("--rename")
        {
            Description = "A new name for the job (--name chooses jobs by their name).",
            HelpName = "NAME",
        };
        var json = Verb.Json();
        var command = new Verb(
            "set",
            "Change jobs that have not ended. Attempts that run, or are assigned to a node, go on as they are; what "
            + "starts later, a retry too, gets the new values. 'artel hold' and 'artel release' hold jobs.")
        {
            Examples =
            [
                "artel set 12 --priority 10", "artel set 12 --memory 8GiB --timeout 2h",
                "artel set 12 --retries 3 --at-once 20", "artel set 12 --after 11",
                "artel set 12 --rename 'sweep, second try'", "artel set --tag night --priority=-5",
            ],
        };
        which.AddTo(command);
        Option[] terms = [priority, memory, cpus, timeout, retries, atOnce, after, afterAny, rename];
        foreach (var term in terms)
            command.Add(term);

        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            if (!terms.Any(IsGiven))
            {
                var names = string.Join(", ", terms[..^1].Select(t => t.Name));
                throw CommandFailure.WrongUsage($"nothing to set: give {names} or {rename.Name}");
            }

            var choice = which.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var changes = await ReadAsync(session);
            var changed = new List<JobJson>();
            var status = ExitStatus.Done;
            foreach (var chosen in await choice.FindAsync(session, s, ct))
            {
                var request = new SetJobRequest { Job = chosen.Job };
                if (IsGiven(priority))
                    request.Priority = (int)parsed.GetValue(priority);

                if (changes.CalculateSize() > 0)
                    request.Changes = changes;

                try
                {
                    var job = await session.Client.SetJobAsync(request, session.Question(ct));
                    changed.Add(JobJson.Of(job));
                    s.Terminal.Note(Said(job, request));
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition
                    or StatusCode.PermissionDenied or StatusCode.InvalidArgument)
                {
                    // The others are done all the same, as with every command for several jobs.
                    var failure = session.Describe(e);
                    s.Terminal.Fail(failure.Message);
                    status = failure.Status;
                }
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new WaitedJson(changed), j => j.WaitedJson));

            return status;

            bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

            async Task<JobChanges> ReadAsync(Access.ClusterSession session)
            {
                var changes = new JobChanges { Name = parsed.GetValue(rename) ?? "" };
                if (IsGiven(rename) && changes.Name.Length == 0)
                    throw CommandFailure.WrongUsage("--rename is empty: give the job a name");

                if (parsed.GetValue(memory) is { } bytes)
                    changes.MemoryBytes = bytes;

                if (parsed.GetValue(cpus) is { } thousandths)
                    changes.MilliCpus = thousandths;

                if (parsed.GetValue(timeout) is { } time)
                    changes.Timeout = Duration.FromTimeSpan(time);

                if (IsGiven(retries))
                    changes.Retries = (int)parsed.GetValue(retries);

                if (IsGiven(atOnce))
                    changes.AtOnce = (int)parsed.GetValue(atOnce);

                if (IsGiven(after) || IsGiven(afterAny))
                {
                    changes.After = await DependenciesAsync(
                        parsed.GetValue(after) ?? [], parsed.GetValue(afterAny) ?? [], session);
                }

                return changes;
            }

            async Task<JobChanges.Types.Dependencies> DependenciesAsync(
                string[] succeeded, string[] ended, Access.ClusterSession session)
            {
                var all = new JobChanges.Types.Dependencies();
                if (succeeded is [Amounts.None] && ended.Length == 0)
                    return all;

                foreach (var (option, any, words) in new[] { (after, false, succeeded), (afterAny, true, ended) })
                {
                    foreach (var word in words)
                    {
                        all.Jobs.Add(await JobTerms.DependencyAsync(
                            option.Name, word, any, async () => await NewestJob.FindAsync(session, ct)));
                    }
                }

                return all;
            }
        });
        return command;
    }

    private static string Said(Job job, SetJobRequest request)
    {
        var parts = new List<string>();
        if (request.HasPriority)
            parts.Add(FormattableString.Invariant($"has the priority {job.Priority}"));

        if (request.Changes is not null && job.Changes.Count > 0)
            parts.Add($"has other terms for what starts from now on: {Terminal.Plain(ChangeText.Of(job.Changes[^1]))}");

        return FormattableString.Invariant($"Job {job.Id} {string.Join(", and ", parts)}.");
    }
}

using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Selecting;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel set</c>: changes of jobs that have not ended.</summary>
internal static class SetCommand
{
    public static Command Create(Surroundings s)
    {
        var which = JobSelection.Jobs(s, JobFilter.Unfinished, TakesAll.Yes);
        var priority = Amounts.Count("--priority", "Higher goes first. What runs goes on.", -JobLimits.MaxPriority, JobLimits.MaxPriority);
        var json = Verb.Json();
        var command = new Verb("set", "Change jobs that have not ended.") { Examples = ["artel set 12 --priority 10", "artel set 12 13 --priority=-5", "artel set --tag night --priority 1"] };
        which.AddTo(command);
        command.Add(priority);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetResult(priority) is not { Implicit: false })
                throw CommandFailure.WrongUsage("nothing to set: give --priority");

            var choice = which.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var changed = new List<JobJson>();
            var status = ExitStatus.Done;
            foreach (var chosen in await choice.FindAsync(session, s, ct))
            {
                var request = new SetJobRequest { Job = chosen.Job, Priority = (int)parsed.GetValue(priority) };
                try
                {
                    var job = await session.Client.SetJobAsync(request, session.Question(ct));
                    changed.Add(JobJson.Of(job));
                    s.Terminal.Note(FormattableString.Invariant($"Job {job.Id} has the priority {job.Priority}."));
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.PermissionDenied)
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
        });
        return command;
    }
}

using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel cancel</c>, <c>retry</c>, <c>hold</c> and <c>release</c>: the same on several jobs at once.</summary>
internal static class ActionCommands
{
    private delegate AsyncUnaryCall<JobActionReply> Act(ClusterSession session, JobAction action, CallOptions options);

    /// <summary>More jobs than this are told in one line.</summary>
    private const int MostLines = 20;

    public static Command Cancel(Surroundings s) => Create(
        s,
        new Verb("cancel", "End jobs or tasks: what waits never starts, what runs is ended.")
        {
            Examples = ["artel cancel 12", "artel cancel 12.3-7 13", "artel cancel last --state waiting,ready", "artel cancel --name 'sweep*'", "artel cancel --all --yes"],
        },
        JobSelection.JobsOrTasks(s, JobFilter.Unfinished, TakesAll.Confirmed),
        (session, action, options) => session.Client.CancelAsync(action, options),
        (tasks, job) => $"{Words.Tasks(tasks)} of {job} cancelled",
        choosesStates: true);

    public static Command Retry(Surroundings s)
    {
        var failed = new Option<bool>("--failed") { Description = "Only failed tasks: cancelled ones stay so. The same as --state failed." };
        return Create(
            s,
            new Verb("retry", "Run failed and cancelled tasks again, with all their retries.\nA filter finds jobs that have ended failed or cancelled, unless --state says otherwise.")
            {
                Examples =
                [
                    "artel retry 12", "artel retry 12.3", "artel retry 12 --state failed",
                    "artel retry --name 'sweep*'", "artel retry 12 --memory 8GiB --timeout 2h",
                    "artel retry 12 --script job.sh  # the script as it is now",
                ],
            },
            JobSelection.JobsOrTasks(s, [JobState.Failed, JobState.Cancelled], TakesAll.Confirmed),
            (session, action, options) => session.Client.RetryAsync(action, options),
            (tasks, job) => $"{Words.Tasks(tasks)} of {job} will run again",
            failed,
            choosesStates: true,
            changes: new RetryChanges());
    }

    public static Command Hold(Surroundings s) => Create(
        s,
        new Verb("hold", "Start nothing more of these jobs. What runs goes on.") { Examples = ["artel hold 12", "artel hold --all"] },
        JobSelection.Jobs(s, JobFilter.Unfinished, TakesAll.Yes),
        (session, action, options) => session.Client.HoldAsync(action, options),
        (_, job) => $"{job} held: 'artel release' lets it go on");

    public static Command Release(Surroundings s) => Create(
        s,
        new Verb("release", "Let held jobs go on.") { Examples = ["artel release 12", "artel release --all"] },
        JobSelection.Jobs(s, JobFilter.Unfinished, TakesAll.Yes),
        (session, action, options) => session.Client.ReleaseAsync(action, options),
        (_, job) => $"{job} released");

    private static Verb Create(
        Surroundings s, Verb command, JobSelection which, Act act, Func<long, string, string> said, Option<bool>? failedOnly = null,
        bool choosesStates = false, RetryChanges? changes = null)
    {
        var json = Verb.Json();
        which.AddTo(command);
        if (failedOnly is not null)
            command.Add(failedOnly);

        changes?.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = which.Read(parsed);
            var onlyFailed = failedOnly is not null && (parsed.GetValue(failedOnly) || choice.TaskStates is [TaskState.Failed]);
            // The server knows which have failed: they need not be listed first.
            if (onlyFailed && choice.TaskStates is [TaskState.Failed])
                choice = choice with { TaskStates = [] };

            // The server chooses the tasks of a job by their states in the moment in which it acts.
            var sendsStates = choosesStates && (failedOnly is null || choice.TaskStates.All(IsRetryable));
            TaskState[] states = sendsStates ? [.. choice.TaskStates] : [];
            if (states.Length > 0)
                choice = choice with { TaskStates = [] };

            var script = changes is null ? null : await changes.ReadScriptAsync(parsed, ct);
            var session = await s.ConnectAsync(parsed, ct);
            var chosen = await choice.FindAsync(session, s, ct);
            var done = new List<ActedJobJson>();
            var status = ExitStatus.Done;
            foreach (var job in chosen)
            {
                var action = new JobAction
                {
                    Job = job.Job,
                    Tasks = { job.Ranges },
                    FailedOnly = onlyFailed,
                    States = { states },
                    Stepwise = true,
                };
                var tasks = 0;
                try
                {
                    if (changes is not null)
                        action.Changes = await changes.OfAsync(parsed, script, session, job.Job, ct);

                    JobActionReply reply;
                    do
                    {
                        reply = await act(session, action, session.Question(ct));
                        tasks += reply.Tasks;
                        action.Within = reply.Rest;
                    }
                    while (reply.Rest is not null);

                    var now = reply.Job ?? new Job { Id = job.Job };
                    done.Add(new ActedJobJson(now.Id, StateWords.Of(now.State), now.Held, tasks));
                    if (chosen.Count <= MostLines && (states.Length == 0 || tasks > 0))
                        s.Terminal.Note(Capitalised(said(tasks, $"job {job.Job}")) + ".");

                    if (changes is not null && script is null && tasks > 0 && chosen.Count <= MostLines)
                        await RetryChanges.TellOldScriptAsync(session, job.Job, s.Terminal, ct);
                }
                catch (RpcException) when (tasks > 0)
                {
                    var soFar = Capitalised(said(tasks, $"job {job.Job}"));
                    s.Terminal.Note($"{soFar}, perhaps more, before a call failed: repeat the command for the rest.");
                    throw;
                }
                catch (Exception e) when (e is CommandFailure || IsOfOneJob(e))
                {
                    // The others are done all the same: what was named last must not depend on a slip before it.
                    var failure = e as CommandFailure ?? session.Describe((RpcException)e);
                    s.Terminal.Fail(failure.Message);
                    status = failure.Status;
                }
            }

            if (states.Length > 0 && status == ExitStatus.Done && done.All(d => d.Tasks == 0))
                throw new CommandFailure(ExitStatus.NotFound, $"no task of {string.Join(", ", chosen)} is {string.Join(" or ", states.Select(StateWords.Of))}");

            if (chosen.Count > MostLines)
                s.Terminal.Note(Capitalised(said(done.Sum(d => (long)d.Tasks), Words.Count(done.Count, "job", "jobs"))) + ".");

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new ActedJson(done), j => j.ActedJson));

            return status;
        });
        return command;
    }

    /// <summary>True if the server refused the request because of the job that it names.</summary>
    private static bool IsOfOneJob(Exception e) => e is RpcException
    {
        StatusCode: StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.InvalidArgument
            or StatusCode.PermissionDenied,
    };

    private static bool IsRetryable(TaskState state) =>
        state is TaskState.Failed or TaskState.Cancelled or TaskState.Skipped;

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel cancel</c>, <c>retry</c>, <c>hold</c> and <c>release</c>: the same on several jobs at once.</summary>
internal static class ActionCommands
{
    private delegate AsyncUnaryCall<JobActionReply> Act(ClusterSession session, JobAction action, CallOptions options);

    public static Command Cancel(Surroundings s) => Create(
        s,
        new Verb("cancel", "End jobs or tasks: what waits never starts, what runs is ended.") { Examples = ["artel cancel 12", "artel cancel 12.3-7 13"] },
        SelectorArguments.JobsOrTasks(),
        (session, action, options) => session.Client.CancelAsync(action, options),
        (action, reply) => $"{Words.Tasks(reply.Tasks)} of job {action.Job} cancelled");

    public static Command Retry(Surroundings s)
    {
        var failed = new Option<bool>("--failed") { Description = "Only failed tasks: cancelled ones stay so." };
        return Create(
            s,
            new Verb("retry", "Run failed and cancelled tasks again, with all their retries.")
            {
                Examples = ["artel retry 12", "artel retry 12.3", "artel retry 12 --failed"],
            },
            SelectorArguments.JobsOrTasks(),
            (session, action, options) => session.Client.RetryAsync(action, options),
            (action, reply) => $"{Words.Tasks(reply.Tasks)} of job {action.Job} will run again",
            failed);
    }

    public static Command Hold(Surroundings s) => Create(
        s,
        new Verb("hold", "Start nothing more of these jobs. What runs goes on.") { Examples = ["artel hold 12"] },
        SelectorArguments.Jobs(),
        (session, action, options) => session.Client.HoldAsync(action, options),
        (action, _) => $"job {action.Job} is held: 'artel release {action.Job}' lets it go on");

    public static Command Release(Surroundings s) => Create(
        s,
        new Verb("release", "Let held jobs go on.") { Examples = ["artel release 12"] },
        SelectorArguments.Jobs(),
        (session, action, options) => session.Client.ReleaseAsync(action, options),
        (action, _) => $"job {action.Job} goes on");

    private static Verb Create(
        Surroundings s, Verb command, Argument<TaskSelector[]> which, Act act, Func<JobAction, JobActionReply, string> said,
        Option<bool>? failedOnly = null)
    {
        var json = Verb.Json();
        command.Add(which);
        if (failedOnly is not null)
            command.Add(failedOnly);

        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var done = new List<ActedJobJson>();
            var status = ExitStatus.Done;
            foreach (var action in TaskSelector.Actions(parsed.GetRequiredValue(which)))
            {
                action.FailedOnly = failedOnly is not null && parsed.GetValue(failedOnly);
                try
                {
                    var reply = await act(session, action, session.Question(ct));
                    var job = reply.Job ?? new Job { Id = action.Job };
                    done.Add(new ActedJobJson(job.Id, StateWords.Of(job.State), job.Held, reply.Tasks));
                    s.Terminal.Note(Capitalised(said(action, reply)) + ".");
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
                {
                    // The others are done all the same: what was named last must not depend on a slip before it.
                    var failure = session.Describe(e);
                    s.Terminal.Fail(failure.Message);
                    status = failure.Status;
                }
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new ActedJson(done), j => j.ActedJson));

            return status;
        });
        return command;
    }

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}

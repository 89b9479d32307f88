using System.Globalization;
using Artel.Protocol.Maps;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Endings;

/// <summary>
/// The job that runs the command of an ended one. Not the server runs it: that would give each user the server's account. Pure.
/// </summary>
internal static class EndCommand
{
    private const int Retries = 3;

    /// <param name="ended">What was submitted of the ended job.</param>
    /// <param name="url">Where the ended job can be looked at; empty where nowhere.</param>
    public static V1.JobSpec Of(Ending ending, V1.JobSpec ended, string url)
    {
        var (number, state) = (ending.Job.ToString(), ending.State.ToString().ToLowerInvariant());

        var name = ended.Name;
        var template = new V1.TaskTemplate
        {
            // It waits for no room: what it does is to tell.
            Needs = new V1.Needs { MilliCpus = 0 },
            Retry = new V1.RetryPolicy { Retries = Retries, Backoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) },
            Cwd = TaskMarks.Escape(ended.OnEnd.Cwd),
        };
        template.Run.AddRange(ended.OnEnd.Command.Select(word => EndMarks.Fill(word, number, name, state)));
        template.Env.Add(new Dictionary<string, string>
        {
            ["ARTEL_ENDED_JOB"] = number,
            ["ARTEL_ENDED_NAME"] = TaskMarks.Escape(name),
            ["ARTEL_ENDED_STATE"] = state,
            ["ARTEL_ENDED_SUCCEEDED"] = Text(ending.Counts.Succeeded),
            ["ARTEL_ENDED_FAILED"] = Text(ending.Counts.Failed),
            ["ARTEL_ENDED_CANCELLED"] = Text(ending.Counts.Cancelled),
            ["ARTEL_ENDED_SKIPPED"] = Text(ending.Counts.Skipped),
        });
        if (url.Length > 0)
        {
            template.Env["ARTEL_ENDED_URL"] = TaskMarks.Escape(url);
        }

        return new V1.JobSpec { Name = $"on-end of {number}", Priority = ended.Priority, Tasks = { template } };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

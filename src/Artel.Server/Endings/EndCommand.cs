using System.Globalization;
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

        // What looks like a mark of an array's task would have the job refused.
        var name = ended.Name.Replace('{', '(').Replace('}', ')');
        var template = new V1.TaskTemplate
        {
            // It waits for no room: what it does is to tell.
            Needs = new V1.Needs { MilliCpus = 0 },
            Retry = new V1.RetryPolicy { Retries = Retries, Backoff = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) },
            Cwd = ended.OnEnd.Cwd,
        };
        template.Run.AddRange(ended.OnEnd.Command.Select(word => Fill(word, number, name, state)));
        template.Env.Add(new Dictionary<string, string>
        {
            ["ARTEL_ENDED_JOB"] = number,
            ["ARTEL_ENDED_NAME"] = name,
            ["ARTEL_ENDED_STATE"] = state,
            ["ARTEL_ENDED_SUCCEEDED"] = Text(ending.Counts.Succeeded),
            ["ARTEL_ENDED_FAILED"] = Text(ending.Counts.Failed),
            ["ARTEL_ENDED_CANCELLED"] = Text(ending.Counts.Cancelled),
            ["ARTEL_ENDED_SKIPPED"] = Text(ending.Counts.Skipped),
        });
        if (url.Length > 0)
        {
            template.Env["ARTEL_ENDED_URL"] = url;
        }

        return new V1.JobSpec { Name = $"on-end of {number}", Priority = ended.Priority, Tasks = { template } };
    }

    // One pass, so that a name with braces in it stays as it is.
    private static string Fill(string word, string job, string name, string state)
    {
        var filled = new System.Text.StringBuilder(word.Length);
        for (var at = 0; at < word.Length;)
        {
            var rest = word.AsSpan(at);
            var (mark, text) = rest.StartsWith("{job}") ? (5, job) : rest.StartsWith("{name}") ? (6, name) : rest.StartsWith("{state}") ? (7, state) : (1, null);
            _ = text is null ? filled.Append(word[at]) : filled.Append(text);
            at += mark;
        }

        return filled.ToString();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

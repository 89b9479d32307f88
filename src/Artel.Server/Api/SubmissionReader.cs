using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Security;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What was submitted, to those who may see all of it and to those who may not.</summary>
internal sealed class SubmissionReader(JobReader jobs)
{
    private const int MostOfMap = 1 << 20;

    public async Task<V1.SubmittedJob> ReadAsync(JobId job, Principal caller, CancellationToken cancellation)
    {
        // Others read the same document.
        var submission = (await jobs.GetDocumentAsync(job, cancellation)).Submission.Clone();
        var submitted = new V1.SubmittedJob
        {
            Job = submission.Job,
            User = submission.User,
            Masked = !SeesAll(caller, submission.User) && Masking.Apply(submission.Job),
        };
        if (submission.Job.CalculateSize() <= MostOfMap && MapWriter.Write(submission.Job) is { Length: <= MostOfMap } map)
        {
            submitted.Map = map;
        }

        return submitted;
    }

    /// <summary>Adds what its processes are given and what it waits for.</summary>
    public async Task<V1.Task> AddDetailAsync(V1.Task task, Principal caller, CancellationToken cancellation)
    {
        var document = await jobs.GetDocumentAsync(new JobId(task.Job), cancellation);
        var place = document.Layout.TemplateOf(task.Number);
        var template = place.Template;
        using var values = place.ValuesOf(task.Number);
        foreach (var (name, value) in place.Texts.Environment(values))
        {
            task.Env[name] = value;
        }

        if (!SeesAll(caller, document.Submission.User))
        {
            Masking.Apply(task.Env);
        }

        (task.Cwd, task.Scratch) = (place.Texts.Directory(values), template.Scratch);
        task.Labels.Add(template.Labels);
        task.After.AddRange(template.After);
        return task;
    }

    private static bool SeesAll(Principal caller, string user) =>
        caller.Role == V1.Role.Admin || (caller.Name.Length > 0 && string.Equals(caller.Name, user, StringComparison.Ordinal));
}

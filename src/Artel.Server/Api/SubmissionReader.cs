using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.People;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What was submitted, to those who may see all of it and to those who may not.</summary>
internal sealed class SubmissionReader(JobReader jobs)
{
    private const int MostOfMap = 1 << 20;

    public async Task<V1.SubmittedJob> ReadAsync(JobId job, Viewpoint view, CancellationToken cancellation)
    {
        var seen = await jobs.LookAsync(job, view, cancellation);
        if (!seen.Sight.ShowsInside)
        {
            return new V1.SubmittedJob { User = seen.Sight.Owner, Hidden = true };
        }

        // Others read the same document.
        var submission = seen.Document.Submission.Clone();
        var submitted = new V1.SubmittedJob
        {
            Job = submission.Job,
            User = submission.User,
            Masked = !seen.Sight.ShowsSecrets && Masking.Apply(submission.Job),
        };
        if (submission.Job.CalculateSize() <= MostOfMap && MapWriter.Write(submission.Job) is { Length: <= MostOfMap } map)
        {
            submitted.Map = map;
        }

        return submitted;
    }

    /// <summary>Adds what its processes are given and what it waits for.</summary>
    public async Task<V1.Task> AddDetailAsync(V1.Task task, Viewpoint view, CancellationToken cancellation)
    {
        var seen = await jobs.LookAsync(new JobId(task.Job), view, cancellation);
        var place = seen.Document.Layout.TemplateOf(task.Number);
        var template = place.Template;
        task.Scratch = template.Scratch;
        task.Labels.Add(template.Labels);
        task.After.AddRange(template.After);
        if (!seen.Sight.ShowsInside)
        {
            return task;
        }

        using var values = place.ValuesOf(task.Number);
        foreach (var (name, value) in place.Texts.Environment(values))
        {
            task.Env[name] = value;
        }

        if (!seen.Sight.ShowsSecrets)
        {
            Masking.Apply(task.Env);
        }

        task.Cwd = place.Texts.Directory(values);
        return task;
    }
}

using Artel.Protocol.Maps;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What the server allows users to ask for as the <c>output_limit</c> of a task.</summary>
internal static class OutputLimits
{
    /// <param name="most">Bytes of a stream; null: as much as they like.</param>
    /// <exception cref="Grpc.Core.RpcException">A task asks for more.</exception>
    public static void Check(V1.JobSpec job, long? most)
    {
        if (most is not { } bytes)
        {
            return;
        }

        foreach (var (place, task) in Tasks(job))
        {
            if (task.OutputLimit > bytes)
            {
                throw Refusals.Invalid(
                    $"{place with { Field = "output_limit" }}: {Sizes.Format(task.OutputLimit)} is more than this server keeps of a stream: at most {Sizes.Format(bytes)}");
            }
        }
    }

    /// <summary>Tasks that say nothing get what the server allows, where that is less than the default.</summary>
    public static void Cap(V1.JobSpec job, long? most)
    {
        if (most is not < JobLimits.DefaultOutputLimitBytes)
        {
            return;
        }

        foreach (var (_, task) in Tasks(job))
        {
            task.OutputLimit = task.OutputLimit == 0 ? most.Value : task.OutputLimit;
        }
    }

    private static IEnumerable<(SpecPlace Place, V1.TaskTemplate Task)> Tasks(V1.JobSpec job)
    {
        for (var s = 0; s < job.Sections.Count; s++)
        {
            for (var t = 0; t < job.Sections[s].Tasks.Count; t++)
            {
                yield return (new SpecPlace(s, t, ""), job.Sections[s].Tasks[t]);
            }
        }

        for (var t = 0; t < job.Tasks.Count; t++)
        {
            yield return (new SpecPlace(null, t, ""), job.Tasks[t]);
        }
    }
}

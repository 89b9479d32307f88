using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Bench.Cluster;

/// <summary>The jobs that are measured.</summary>
internal static class Jobs
{
    /// <summary>An array of so many times <c>/bin/true</c>.</summary>
    public static JobSpec True(int tasks) => new() { Name = "true", Tasks = { Template(tasks) } };

    /// <summary>The same, for nodes that there are none of: it stays queued.</summary>
    public static JobSpec Queued(int tasks)
    {
        var template = Template(tasks);
        template.Labels.Add("bench", "none");
        return new JobSpec { Name = "queued", Tasks = { template } };
    }

    /// <summary>An array of so many tasks that write so many bytes each, all of which are kept.</summary>
    public static JobSpec Writing(int tasks, long bytes)
    {
        var template = Template(tasks, "head", "-c", bytes.ToString(CultureInfo.InvariantCulture), "/dev/zero");
        template.OutputLimit = bytes;
        return new JobSpec { Name = "writing", Tasks = { template } };
    }

    private static TaskTemplate Template(int tasks) => Template(tasks, "/bin/true");

    private static TaskTemplate Template(int tasks, params string[] run)
    {
        var template = new TaskTemplate { Run = { run } };
        if (tasks > 1)
        {
            template.Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = tasks } } };
        }

        return template;
    }
}

using Artel.Cli.Running;
using Artel.Node;
using Artel.Protocol.V1;

namespace Artel.Cli.Tests;

/// <summary>Jobs that no node of a private cluster can ever run are refused before one is started.</summary>
public sealed class PrivateFitTests
{
    private static readonly MachineResources Machine = new(
        new Resources { MilliCpus = 2000, MemoryBytes = 8L << 30, MilliGpus = 0 }, []);

    public static TheoryData<string, TaskTemplate> Misfits => new()
    {
        { "asks for 1 gpu, and this machine has none", Asking(new Needs { MilliGpus = 1000 }) },
        { "asks for 9 GiB of memory, and this machine has 8 GiB", Asking(new Needs { MemoryBytes = 9L << 30 }) },
        { "asks for the resource 'licence'", Asking(new Needs { Counters = { ["licence"] = 1 } }) },
        { "runs only on nodes with the label rack=4", new TaskTemplate { Labels = { ["rack"] = "4" } } },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void What_the_machine_does_not_have_is_named(string expected, TaskTemplate task)
    {
        var free = new JobSpec { Tasks = { task } };
        Assert.StartsWith($"a task {expected}", PrivateFit.Misfit(free, () => Machine), StringComparison.Ordinal);

        // The queue of a node names the node: labels do not count there.
        var queue = new JobSpec { Sections = { new NodeSection { Node = "1", Tasks = { task } } } };
        var isRefused = PrivateFit.Misfit(queue, () => Machine)?.Contains(expected, StringComparison.Ordinal) == true;
        Assert.Equal(task.Labels.Count == 0, isRefused);
    }

    [Fact]
    public void A_tag_that_the_map_itself_closes_is_named()
    {
        var closed = new JobSpec { Limits = { ["db"] = 0 }, Tasks = { new TaskTemplate { Tags = { "db" } } } };

        Assert.StartsWith(
            "the limit of tag 'db' is 0", PrivateFit.Misfit(closed, () => Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void What_fits_is_not_refused_and_the_machine_not_asked_for_cpus()
    {
        var task = Asking(new Needs { MilliCpus = 64_000 });
        task.Labels["host"] = Environment.MachineName;
        var fits = new JobSpec { Limits = { ["db"] = 0 }, Tasks = { task } };

        Assert.Null(PrivateFit.Misfit(fits, () => throw new InvalidOperationException("asked")));
        var all = new JobSpec { Tasks = { Asking(new Needs { MemoryBytes = 8L << 30 }) } };
        Assert.Null(PrivateFit.Misfit(all, () => Machine));
    }

    private static TaskTemplate Asking(Needs needs) => new() { Needs = needs };
}

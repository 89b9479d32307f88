namespace Artel.Chaos.Workload;

/// <summary>Jobs of all kinds, by chance: arrays, lists of nodes, what comes after what, retries, large output, exclusive tasks.</summary>
internal sealed class JobMix(Random chance, IReadOnlyList<string> nodes, bool exclusive, TaskProgram program)
{
    public PlannedJob Next(string name)
    {
        var job = new JobPlanner(name, program);
        return chance.Next(100) switch
        {
            < 25 => job.Free("short", chance.Next(4, 20), Short()).Plan(),
            < 40 => job.Free("long", chance.Next(1, 5), Long()).Plan(),
            < 55 => job.Free("alone", chance.Next(1, 4), Long() with { Exclusive = exclusive }).Plan(),
            < 62 => job.Free("large", chance.Next(1, 3), Short() with { Bytes = chance.Next(20_000, 1_000_000) }).Plan(),
            < 77 => Lists(job),
            < 90 => Chain(job),
            _ => Failing(job),
        };
    }

    /// <summary>One array of short tasks: what a plain command line can say.</summary>
    public (int Count, Work Work) NextArray() => (chance.Next(2, 8), Short() with { Retries = chance.Next(3) });

    private PlannedJob Lists(JobPlanner job)
    {
        foreach (var node in nodes.Where(_ => chance.Next(2) == 0))
        {
            job.List(node, chance.Next(1, 3), Enumerable.Range(0, chance.Next(1, 4)).Select(_ => chance.Next(4) switch
            {
                0 => Long() with { Exclusive = exclusive },
                1 => Short() with { FailsBefore = 2, Retries = 2 },
                _ => Short(),
            }));
        }

        return job.Free("beside", 1, Short()).Plan();
    }

    private PlannedJob Chain(JobPlanner job) => job
        .Free("first", chance.Next(2, 5), Short() with { FailsBefore = chance.Next(4) == 0 ? Work.Always : 0 })
        .Free("second", chance.Next(1, 4), Short() with { Exclusive = exclusive && chance.Next(2) == 0 }, "first")
        .Free("third", 1, Short(), "first", "second")
        .Plan();

    private PlannedJob Failing(JobPlanner job) => job
        .Free("in-the-end", chance.Next(1, 4), Short() with { FailsBefore = Work.Always, Retries = chance.Next(3) })
        .Free("at-first", chance.Next(1, 4), Short() with { FailsBefore = 3, Retries = 3, Exclusive = exclusive && chance.Next(2) == 0 })
        .Plan();

    private Work Short() => new(chance.Next(10, 400), chance.Next(3) * chance.Next(2_000));

    private Work Long() => new(chance.Next(1_000, 6_000), chance.Next(500));
}

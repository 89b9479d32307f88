namespace Artel.Core.Tests;

/// <summary>Jobs as they come: lists, arrays, dependencies, retries, every policy, some of everything.</summary>
internal static class RandomJobs
{
    public static readonly string[] Tags = ["db", "net"];

    public static JobBuilder Next(Random random, IReadOnlyList<string> nodes, DateTimeOffset now)
    {
        var job = new JobBuilder().Priority(random.Next(3)).With(spec => spec with
        {
            User = $"user-{random.Next(3)}",
            MaxFails = random.Next(5) == 0 ? random.Next(4) : null,
            StartAt = random.Next(6) == 0 ? now + TimeSpan.FromSeconds(random.Next(-5, 20)) : null,
            Deadline = random.Next(10) == 0 ? now + TimeSpan.FromSeconds(random.Next(200)) : null,
        });
        var names = new List<string>();
        foreach (var node in nodes.Where(_ => random.Next(3) == 0))
        {
            var tasks = new ListTask[random.Next(1, 5)];
            for (var i = 0; i < tasks.Length; i++)
            {
                var name = $"{node}-{i}";
                tasks[i] = new ListTask(name, random.Next(3) == 0 ? random.Next(2, 6) : 1, Some(random, names, 6), t => Dress(random, t));
                names.Add(name);
            }

            job.List(node, random.Next(1, 4), tasks);
        }

        for (var i = random.Next(names.Count == 0 ? 1 : 0, 5); i > 0; i--)
        {
            var name = $"task-{i}";
            var count = random.Next(3) == 0 ? random.Next(2, 40) : 1;
            job.Task(name, count, Some(random, names, 3), t => Dress(random, t));
            names.Add(name);
            if (count > 1 && random.Next(3) == 0)
            {
                // Another array, element by element; and sometimes one more that waits for both.
                var at = names.Count - 1;
                job.Task($"{name}-each", count, with: t => Dress(random, t)).After(new Dependency(at, random.Next(3) == 0, Each: true));
                names.Add($"{name}-each");
                if (random.Next(2) == 0)
                {
                    job.Task($"{name}-both", count, with: t => Dress(random, t))
                        .After(new Dependency(at, random.Next(2) == 0, random.Next(2) == 0), new Dependency(at + 1, random.Next(2) == 0, Each: true));
                    names.Add($"{name}-both");
                }
            }
        }

        return job;
    }

    private static string[] Some(Random random, List<string> names, int oneIn) =>
        [.. names.Where(_ => random.Next(oneIn) == 0).Take(3)];

    private static TemplateSpec Dress(Random random, TemplateSpec task) => task with
    {
        Needs = task.Section >= 0 && random.Next(3) > 0 ? Needs.None : new Needs(
            random.Next(0, 5) * 500, random.Next(3) == 0 ? random.Next(1, 3) : 0, 0, random.Next(5) == 0 ? [new Counter("licence", 1)] : []),
        Labels = task.Section < 0 && random.Next(6) == 0 ? [new Label("os", "linux")] : [],
        Retry = new RetryPolicy(random.Next(4), TimeSpan.FromSeconds(random.Next(1, 4)), 2, TimeSpan.FromSeconds(5))
        {
            Jitter = random.Next(3) * 0.5,
            RetryOn = random.Next(4) == 0 ? new FailureSet([new StatusRange(1, 2)], [AttemptOutcome.TimedOut]) : null,
            NoRetryOn = random.Next(4) == 0 ? new FailureSet([new StatusRange(3, 3)], [AttemptOutcome.NotStarted]) : null,
            AvoidSameNode = random.Next(3) == 0,
        },
        AtOnce = task.Section < 0 && random.Next(5) == 0 ? random.Next(1, 4) : 0,
        Tags = [.. Tags.Where(_ => random.Next(5) == 0)],
        Prefer = random.Next(5) == 0 ? [new Label("os", "linux")] : [],
        Timeout = random.Next(4) == 0 ? TimeSpan.FromSeconds(random.Next(1, 60)) : null,
        Exclusive = random.Next(4) == 0,
        OnNodeLost = random.Next(3) == 0 ? (OnNodeLost)random.Next(3) : task.OnNodeLost,
    };
}

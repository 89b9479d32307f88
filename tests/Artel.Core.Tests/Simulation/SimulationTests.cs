namespace Artel.Core.Tests;

/// <summary>Random scenarios by seed. One that fails gets a named test of its own besides.</summary>
public sealed class SimulationTests
{
    /// <summary>Seeds of a normal run. Set ARTEL_SIMULATION_SEEDS for a longer one.</summary>
    private const int Seeds = 2000;
    private const int SeedsPerTest = 50;
    private const int Steps = 150;

    public static IEnumerable<TheoryDataRow<int>> Blocks()
    {
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("ARTEL_SIMULATION_SEEDS"), out var more) ? more : Seeds;
        return Enumerable.Range(0, seeds / SeedsPerTest).Select(block => new TheoryDataRow<int>(block * SeedsPerTest));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Whatever_happens_nothing_is_lost_and_every_job_ends(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var simulation = new Simulation(seed);

            simulation.Run(Steps);

            Assert.True(simulation.Broken.Count == 0, $"seed {seed}: {string.Join("\n", simulation.Broken.Take(5))}");
        }
    }

    /// <summary>
    /// The same in slices of a few ranges, so that anything can happen between two of them, the death of the server
    /// too.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(150)]
    public void Whatever_happens_between_two_slices_nothing_is_lost_and_every_job_ends(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + SeedsPerTest; seed++)
        {
            var simulation = new Simulation(seed, sliceWeight: 1 + (seed % 5));

            simulation.Run(Steps);

            Assert.True(simulation.Broken.Count == 0, $"seed {seed}: {string.Join("\n", simulation.Broken.Take(5))}");
        }
    }

    /// <summary>Seeds that once failed. What they found is in the comment of the test that was made of it.</summary>
    [Theory]
    [InlineData(2077)]
    [InlineData(2198)]
    [InlineData(3332)]
    [InlineData(12945)]
    public void What_once_failed_does_not_fail_again(int seed) => Assert.False(IsSeen(new Simulation(seed)));

    [Fact]
    public void Nodes_that_keep_what_they_were_told_to_drop_are_seen() =>
        Assert.Contains(Enumerable.Range(0, 20), seed => IsSeen(new Simulation(seed, nodesIgnoreFencing: true)));

    [Fact]
    public void A_store_that_forgets_what_it_said_was_kept_is_seen() =>
        Assert.Contains(Enumerable.Range(0, 20), seed => IsSeen(new Simulation(seed) { StoreForgets = true }));

    [Fact]
    public void Nodes_that_go_on_with_exclusive_tasks_when_they_are_not_heard_are_seen() =>
        Assert.Contains(Enumerable.Range(0, 100), seed => IsSeen(new Simulation(seed, nodesIgnoreTerm: true)));

    private static bool IsSeen(Simulation simulation)
    {
        simulation.Run(Steps);
        return simulation.Broken.Count > 0;
    }
}

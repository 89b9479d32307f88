using Artel.Chaos.Faults;

namespace Artel.Chaos.Tests;

public class FaultPlanTests
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(3);

    [Fact]
    public void The_same_seed_gives_the_same_faults_and_another_gives_others()
    {
        Assert.Equal(Plan(1), Plan(1));
        Assert.NotEqual(Plan(1), Plan(2));
    }

    [Fact]
    public void All_kinds_come_and_last_shorter_and_longer_than_a_node_may_be_silent()
    {
        var faults = Plan(1);
        Assert.Equal(["cut", "kill"], faults.Select(f => f.Kind).Distinct().Order());
        Assert.Contains(faults, f => f.Length < LostAfter * 0.8);
        Assert.Contains(faults, f => f.Length > LostAfter * 1.2);
        Assert.All(faults, f => Assert.InRange(f.Wait, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)));
    }

    private static List<Fault> Plan(int seed) => [.. new FaultPlan(seed, LostAfter, TimeSpan.FromSeconds(5), "kill", "cut").Faults().Take(50)];
}

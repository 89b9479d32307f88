using System.Text.Json;

namespace Artel.Core.Tests;

public sealed class DeterminismTests
{
    /// <summary>With restarts from the store in between: a restored state goes on in the same way every time too.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void The_same_commands_give_the_same_changes(int seed)
    {
        var first = Run(seed);
        var second = Run(seed);

        Assert.True(first.Changes.Count > 200, $"only {first.Changes.Count} changes");
        Assert.True(first.Crashes > 0, "the server was never restarted");
        Assert.Equal(first.Crashes, second.Crashes);
        Assert.Equal(first.Changes.Select(Written), second.Changes.Select(Written));
    }

    [Fact]
    public void Other_commands_give_other_changes() =>
        Assert.NotEqual(Run(11).Changes.Select(Written), Run(12).Changes.Select(Written));

    private static Simulation Run(int seed)
    {
        var simulation = new Simulation(seed);
        simulation.Run(steps: 300);
        Assert.Empty(simulation.Broken);
        return simulation;
    }

    /// <summary>All of it as text: records compare what is in their collections by reference.</summary>
    private static string Written(Change change) => $"{change.GetType().Name} {JsonSerializer.Serialize(change, change.GetType())}";
}

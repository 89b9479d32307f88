namespace Artel.Core.Tests;

/// <summary>Guarantees for users at equal priority, in random scenarios by seed (docs/scheduling.md).</summary>
public sealed class FairnessTests
{
    private const int Seeds = 100;

    /// <summary>
    /// A user who has less than others gets the next room that fits, unless it is kept for a large task of somebody who
    /// has no more. Once a large task was passed by <see cref="Reservation.MostPassed"/> times, its node is kept from
    /// all, and what fits in the gap before it may come first.
    /// </summary>
    private const int MostPassedOver = 8;

    [Fact]
    public void Who_has_less_is_served_first_no_room_is_left_empty_and_everything_runs()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var shared = new SharedCluster(seed);
            for (var step = 0; step < 200; step++)
            {
                shared.Step();
            }

            shared.Finish();

            Assert.True(shared.Broken.Count == 0, $"seed {seed}: {string.Join("\n", shared.Broken.Take(5))}");
            Assert.True(shared.MostPassedOver <= MostPassedOver, $"seed {seed}: passed over {shared.MostPassedOver} times");
            Assert.True(!shared.Reasons.Any(), $"seed {seed}: nothing runs, and still wait: {string.Join("\n", shared.Reasons.Take(5))}");
        }
    }
}

using Artel.Server.Telemetry;

namespace Artel.Server.Tests.Telemetry;

/// <summary>A server that is stopping; one that is ready, and one with a full disk, are tried end to end.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task A_server_that_stops_is_not_ready_and_says_why()
    {
        using var life = new ServerLife { Epoch = 1, Started = TimeProvider.System.GetUtcNow() };
        life.End("the server is stopping");

        // Nothing else is asked then.
        var problem = await new Readiness(null!, null!, null!, null!, null!, life, TimeProvider.System).ProblemAsync(TestContext.Current.CancellationToken);

        Assert.Equal("the server is stopping", problem);
    }
}

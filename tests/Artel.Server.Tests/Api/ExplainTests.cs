using Artel.Protocol.V1;

namespace Artel.Server.Tests.Api;

/// <summary>Tests the answers to <c>Explain</c>.</summary>
public sealed class ExplainTests
{
    [Fact]
    public async System.Threading.Tasks.Task A_caller_may_ask_only_for_what_a_job_waits_for()
    {
        await using var server = await LiveServer.StartAsync();
        var job = await server.SubmitAsync(new JobSpec { Tasks = { new TaskTemplate { Run = { "true" }, Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = 3 } } } } } });
        await server.Admin.CancelAsync(new JobAction { Job = job, Tasks = { new TaskRange { First = 2, Last = 2 } } });

        var all = await server.Admin.ExplainAsync(new ExplainRequest { Job = job });
        var waits = await server.Admin.ExplainAsync(new ExplainRequest { Job = job, WaitsOnly = true });

        Assert.Equal(2, waits.Unfinished);
        Assert.Contains("2 tasks", Assert.Single(waits.Reasons), StringComparison.Ordinal);
        Assert.Empty(waits.Ended);
        Assert.Contains("cancelled", Assert.Single(all.Ended), StringComparison.Ordinal);
        Assert.Equal([.. waits.Reasons, .. all.Ended], all.Reasons);
    }
}

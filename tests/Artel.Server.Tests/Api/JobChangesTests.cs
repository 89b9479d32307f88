using Artel.Protocol.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>Other terms for jobs that have not ended, over the real service.</summary>
public sealed class JobChangesTests
{
    [Fact]
    public async Task A_job_is_not_made_to_wait_for_a_task_that_the_other_job_does_not_have()
    {
        await using var server = await LiveServer.StartAsync();
        var other = await server.SubmitAsync(OneTask());
        var job = await server.SubmitAsync(OneTask());
        var changes = new JobChanges { After = new JobChanges.Types.Dependencies() };
        changes.After.Jobs.Add(new JobDependency { Job = other, Task = 7 });

        var refusal = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Admin.SetJobAsync(new SetJobRequest { Job = job, Changes = changes }));

        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
        Assert.Equal($"job {other} has tasks 1 to 1, not 7", refusal.Status.Detail);
        Assert.Empty((await server.Admin.GetJobAsync(new GetJobRequest { Job = job })).Changes);
    }

    private static JobSpec OneTask() => new() { Tasks = { new TaskTemplate { Run = { "true" } } } };
}

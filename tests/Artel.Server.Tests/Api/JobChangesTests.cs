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

    [Fact]
    public async Task Nothing_of_a_request_is_done_if_its_priority_is_not_allowed()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        var job = await server.SubmitAsync(OneTask(), alice);
        var request = new SetJobRequest { Job = job, Priority = 5, Changes = new JobChanges { Retries = 2 } };

        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await alice.SetJobAsync(request));

        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Empty((await alice.GetJobAsync(new GetJobRequest { Job = job })).Changes);

        // The changes alone are allowed.
        request.ClearPriority();
        Assert.Single((await alice.SetJobAsync(request)).Changes);
    }

    private static JobSpec OneTask() => new() { Tasks = { new TaskTemplate { Run = { "true" } } } };
}

using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.People;

/// <summary>A request id is its user's, and stands for one job.</summary>
public sealed class RequestIdTests
{
    [Fact]
    public async Task The_same_id_of_two_users_makes_two_jobs()
    {
        await using var server = await LiveServer.StartAsync();
        var (alice, bob) = (await server.ClientAsync(Role.User, "alice"), await server.ClientAsync(Role.User, "bob"));

        var first = await alice.SubmitAsync(Request("nightly", "a"));
        var second = await bob.SubmitAsync(Request("nightly", "a"));

        Assert.NotEqual(first.Job, second.Job);
        Assert.Equal(("alice", "bob"), ((await alice.GetJobAsync(new GetJobRequest { Job = first.Job })).User, (await bob.GetJobAsync(new GetJobRequest { Job = second.Job })).User));
    }

    [Fact]
    public async Task The_same_job_again_gets_the_first_answer_also_after_a_restart_and_another_job_is_refused()
    {
        using var folder = new Storage.TemporaryFolder();
        SubmitReply first;
        await using (var server = await LiveServer.StartAsync(folder.Path))
        {
            var alice = await server.ClientAsync(Role.User, "alice");
            first = await alice.SubmitAsync(Request("nightly", "a", ("A", "1"), ("B", "2")));

            // A map has no order on the wire.
            Assert.Equal((first.Job, first.TaskCount), Of(await alice.SubmitAsync(Request("nightly", "a", ("B", "2"), ("A", "1")))));
        }

        await using var again = await LiveServer.StartAsync(folder.Path);
        var later = await again.ClientAsync(Role.User, "alice");
        Assert.Equal((first.Job, first.TaskCount), Of(await later.SubmitAsync(Request("nightly", "a", ("A", "1"), ("B", "2")))));
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await later.SubmitAsync(Request("nightly", "b")));
        Assert.Equal(
            (StatusCode.AlreadyExists, $"the request_id 'nightly' was used for another job, {first.Job}: give each job an id of its own, and repeat it only with the same job"),
            (refusal.StatusCode, refusal.Status.Detail));
        Assert.Equal(first.Job, Assert.Single((await later.ListJobsAsync(new ListJobsRequest())).Jobs).Id);

        static (long, int) Of(SubmitReply reply) => (reply.Job, reply.TaskCount);
    }

    [Fact]
    public async Task Requests_at_the_same_time_make_one_job_for_each_user()
    {
        await using var server = await LiveServer.StartAsync();
        var (alice, bob) = (await server.ClientAsync(Role.User, "alice"), await server.ClientAsync(Role.User, "bob"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            try
            {
                return (i % 3, (await (i % 3 == 2 ? bob : alice).SubmitAsync(Request("once", i % 3 == 1 ? "b" : "a"))).Job);
            }
            catch (RpcException e)
            {
                Assert.Equal(StatusCode.AlreadyExists, e.StatusCode);
                return (i % 3, 0L);
            }
        }));

        // Of alice's two jobs one was first: all of its requests are answered with it, all of the other's are refused.
        Assert.Single(outcomes.Where(o => o.Item1 == 2).Select(o => o.Item2).Distinct());
        Assert.Single(outcomes.Where(o => o.Item1 == 0).Select(o => o.Item2).Distinct());
        Assert.Single(outcomes.Where(o => o.Item1 == 1).Select(o => o.Item2).Distinct());
        Assert.Single(outcomes.Where(o => o.Item1 < 2).Select(o => o.Item2).Distinct(), o => o == 0);
        Assert.Equal(2, (await server.Admin.ListJobsAsync(new ListJobsRequest())).Jobs.Count);
    }

    [Fact]
    public async Task A_repeated_request_is_answered_also_while_another_job_of_its_id_is_being_refused()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        var first = await alice.SubmitAsync(Request("once", "a"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            try
            {
                return (i % 2, (await alice.SubmitAsync(Request("once", i % 2 == 0 ? "a" : "b"))).Job);
            }
            catch (RpcException e)
            {
                Assert.Equal(StatusCode.AlreadyExists, e.StatusCode);
                return (i % 2, 0L);
            }
        }));

        Assert.All(outcomes, o => Assert.Equal(o.Item1 == 0 ? first.Job : 0, o.Item2));
    }

    private static SubmitRequest Request(string id, string argument, params (string Name, string Value)[] env)
    {
        var template = new TaskTemplate { Run = { argument } };
        foreach (var (name, value) in env)
        {
            template.Env[name] = value;
        }

        return new SubmitRequest { RequestId = id, Job = new JobSpec { Tasks = { template } } };
    }
}

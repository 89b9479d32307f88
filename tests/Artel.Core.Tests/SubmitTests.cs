namespace Artel.Core.Tests;

public sealed class SubmitTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void A_job_without_nodes_is_ready_and_waits()
    {
        var job = _cluster.Submit(JobBuilder.Single());

        Assert.Equal(new JobId(1), job);
        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
        Assert.Equal(JobState.Waiting, _cluster.State.View(job)!.State);
        Assert.Empty(_cluster.Granted);
    }

    [Fact]
    public void A_task_goes_from_ready_over_leased_and_running_to_succeeded_and_its_job_ends()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2));
        Assert.Equal(TaskState.Leased, _cluster.StateOf(job, 1));

        _cluster.Start(job, 1);
        Assert.Equal(TaskState.Running, _cluster.StateOf(job, 1));
        Assert.Equal(JobState.Running, _cluster.State.View(job)!.State);

        _cluster.Succeed(job, 1);
        Assert.Equal(TaskState.Succeeded, _cluster.StateOf(job, 1));

        _cluster.Succeed(job, 2);
        Assert.Null(_cluster.State.View(job));
        Assert.Equal(new TaskCounts(2, 0, 0, 0, 0, 2, 0, 0, 0), _cluster.EndOf(job).Counts);
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }

    [Fact]
    public void A_job_starts_once_with_its_first_grant()
    {
        var job = _cluster.Submit(JobBuilder.Array(8));
        Assert.Empty(_cluster.Made<JobStarted>());

        _cluster.Connect("1", cpus: 1);
        _cluster.Succeed(job, 1);

        Assert.Single(_cluster.Made<JobStarted>());
    }

    [Fact]
    public void A_submission_is_kept_as_it_came()
    {
        byte[] document = [1, 2, 3];

        var job = _cluster.Do(s => s.Submit(JobBuilder.Single().Build(), document, "request-1", held: false, _cluster.Now));

        Assert.Equal("request-1", _cluster.Made<JobSubmitted>().Single().RequestId);
        Assert.Equal(document, _cluster.State.DocumentOf(job)!.Value.ToArray());
    }

    [Fact]
    public void Older_jobs_go_first()
    {
        var first = _cluster.Submit(JobBuilder.Array(2));
        var second = _cluster.Submit(JobBuilder.Array(2));

        _cluster.Connect("1", cpus: 3);

        Assert.Equal([TaskState.Leased, TaskState.Leased], _cluster.StatesOf(first));
        Assert.Equal([TaskState.Leased, TaskState.Ready], _cluster.StatesOf(second));
    }

    [Fact]
    public void Higher_priority_goes_before_older()
    {
        var older = _cluster.Submit(JobBuilder.Single());
        var higher = _cluster.Submit(JobBuilder.Single().Priority(1));

        _cluster.Connect("1", cpus: 1);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(older, 1));
        Assert.Equal(TaskState.Leased, _cluster.StateOf(higher, 1));
    }

    [Fact]
    public void Higher_priority_goes_first_among_lists_of_a_node_too()
    {
        var older = _cluster.Submit(new JobBuilder().List("1", tasks: 1, with: t => t with { Needs = Needs.OneCpu }));
        var higher = _cluster.Submit(new JobBuilder().List("1", tasks: 1, with: t => t with { Needs = Needs.OneCpu }).Priority(5));

        _cluster.Connect("1", cpus: 1);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(older, 1));
        Assert.Equal(TaskState.Leased, _cluster.StateOf(higher, 1));
    }

    [Fact]
    public void Ids_of_jobs_are_never_used_again()
    {
        _cluster.Connect("1");
        var first = _cluster.Submit(JobBuilder.Single());
        _cluster.Succeed(first, 1);
        _cluster.RestartServer();

        Assert.Equal(new JobId(2), _cluster.Submit(JobBuilder.Single()));
    }

    [Fact]
    public void The_view_of_a_job_tells_what_each_node_did_for_it()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 2).Task("free"));
        _cluster.Start(job, 1);

        var free = _cluster.NodeOf(job, 3)!;
        _cluster.Fail(job, 1);

        var nodes = _cluster.State.View(job)!.Nodes;
        Assert.Equal(["1"], nodes.Where(n => n.Assigned > 0).Select(n => n.Node.Value));
        Assert.Equal(new NodeShareView(new NodeId("1"), 2, 1, 0, 0, 1), nodes[0]);
        Assert.Contains(free, (string[])["1", "2"]);
    }
}

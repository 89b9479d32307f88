namespace Artel.Core.Tests;

/// <summary>A node that says that it can not work now, with its link up.</summary>
public sealed class NodeProblemTests
{
    private const string Problem = "its disk is full";
    private static readonly NodeId One = new("1");

    private readonly TestCluster _cluster = new();

    [Fact]
    public void It_gets_nothing_until_it_says_that_it_is_over()
    {
        _cluster.Connect("1");
        Report(Problem);
        var job = _cluster.Submit(JobBuilder.Array(3));

        Assert.Empty(_cluster.Made<LeasesGranted>());
        Assert.Equal([new NoNodeTakesWork(One, new NodeLack(LackKind.Problem, Problem), 1)], _cluster.Why(job, 1));
        Report("");

        Assert.Equal("1", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void Another_node_works_meanwhile()
    {
        _cluster.Connect("1");
        _cluster.Connect("2");
        Report(Problem);

        var job = _cluster.Submit(JobBuilder.Array(1));

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void A_new_link_knows_of_no_problem_before_the_node_has_said_it_again()
    {
        _cluster.Connect("1");
        Report(Problem);
        _cluster.Disconnect("1");

        _cluster.Connect("1");

        Assert.Equal("", _cluster.State.View(One)!.Problem);
    }

    [Fact]
    public void A_task_that_it_cannot_end_keeps_its_place_and_says_why()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2));
        var lease = _cluster.Start(job, 1);
        _cluster.Do(s => s.Report(One, s.View(One)!.Incarnation, "", [new UnendedAttempt(lease, "process 7 of root")]));

        Assert.Equal([new InFlight(true, InFlightTrouble.Unended, null, true, "process 7 of root")], _cluster.Why(job, 1));
        Assert.Equal([$"task {job}.1: process 7 of root"], _cluster.State.View(One)!.Unended);

        Report("");
        Assert.Empty(_cluster.State.View(One)!.Unended);
    }

    private void Report(string problem) => _cluster.Do(s => s.Report(One, s.View(One)!.Incarnation, problem));
}

using Artel.Core;

namespace Artel.Server.Tests.Storage;

public abstract partial class ClusterStoreConformance
{
    [Fact]
    public async Task How_long_nodes_were_told_to_have_is_kept()
    {
        Assert.Equal(TimeSpan.Zero, (await Reopen()).LostAfterBefore);
        await Store.KeepLostAfterAsync(TimeSpan.FromSeconds(30), Cancellation);
        await Store.KeepLostAfterAsync(TimeSpan.FromSeconds(4.5), Cancellation);

        Assert.Equal(TimeSpan.FromSeconds(4.5), (await Reopen()).LostAfterBefore);
    }

    [Fact]
    public async Task A_node_is_found_again_as_it_last_described_itself()
    {
        Story.Connect("render-07", 3, ("os", "linux"), ("rack", "4"));
        Story.Connect("render-07", ulong.MaxValue, ("os", "линукс"));
        Story.Connect("1");

        var snapshot = await CommitAndFindAllAgain();

        Assert.Equal(["1", "render-07"], snapshot.Nodes.Select(node => node.Node.Value));
        Assert.Equal([new Label("os", "линукс")], snapshot.Nodes[1].Description.Labels);
    }

    [Fact]
    public async Task A_node_stays_drained_when_it_connects_again()
    {
        Story.Connect("1");
        Story.Tell(new NodeDraining(new NodeId("1"), true));
        Story.Tell(new NodeDisconnected(new NodeId("1"), NodeCondition.Stopped, Story.Now));
        Assert.Equal(NodeCondition.Stopped, Assert.Single((await CommitAndFindAllAgain()).Nodes).Condition);

        Story.Connect("1", 8);
        Assert.True(Assert.Single((await CommitAndFindAllAgain()).Nodes).Draining);

        Story.Tell(new NodeDraining(new NodeId("1"), false));
        Assert.False(Assert.Single((await CommitAndFindAllAgain()).Nodes).Draining);
    }

    [Fact]
    public async Task The_deadline_of_a_drain_stays_until_it_is_replaced_or_the_node_works_again()
    {
        Story.Connect("1");
        var deadline = Story.Now.AddMinutes(10);
        Story.Tell(new NodeDraining(new NodeId("1"), true, deadline));
        Story.Connect("1", 8);
        Assert.Equal(deadline, Assert.Single((await CommitAndFindAllAgain()).Nodes).DrainDeadline);

        Story.Tell(new NodeDraining(new NodeId("1"), true));
        Assert.Null(Assert.Single((await CommitAndFindAllAgain()).Nodes).DrainDeadline);

        Story.Tell(new NodeDraining(new NodeId("1"), true, deadline));
        Story.Tell(new NodeDraining(new NodeId("1"), false));
        Assert.Null(Assert.Single((await CommitAndFindAllAgain()).Nodes).DrainDeadline);
    }

    [Fact]
    public async Task A_forgotten_node_is_gone_but_its_work_keeps_its_name()
    {
        Story.Connect("old");
        var job = Story.Submit(1);
        Story.End(job, Story.Grant(job, 1, node: "old")[0]);
        Story.Tell(new NodeForgotten(new NodeId("old")));

        Assert.Empty((await CommitAndFindAllAgain()).Nodes);

        Assert.Equal(new NodeId("old"), Assert.Single(await Store.ListAttemptsAsync(job, new TaskRange(1, 1), Cancellation)).Node);
    }

    [Fact]
    public async Task The_start_of_an_attempt_changes_nothing_that_is_stored()
    {
        var job = Story.Submit(1);
        var leases = Story.Grant(job, 1);
        Story.Tell(new AttemptStarted(leases[0], new TaskId(job, 1), new NodeId("1"), Story.Now));

        await CommitAndFindAllAgain();
    }
}

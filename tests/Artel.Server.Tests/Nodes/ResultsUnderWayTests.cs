using Artel.Server.Nodes;
using Artel.Server.Nodes.Messages;

namespace Artel.Server.Tests.Nodes;

public sealed class ResultsUnderWayTests
{
    private readonly List<TaskCompletionSource> _taken = [];

    [Fact]
    public async Task Only_a_few_messages_are_dealt_with_side_by_side()
    {
        var results = new ResultsUnderWay(Take);
        for (var i = 0; i < ResultsUnderWay.MostAtOnce; i++)
        {
            await results.AddAsync(new NodeEnded([]), TestContext.Current.CancellationToken);
        }

        var next = results.AddAsync(new NodeEnded([]), TestContext.Current.CancellationToken);

        Assert.False(next.IsCompleted);
        Assert.Equal(ResultsUnderWay.MostAtOnce, _taken.Count);

        _taken[0].SetResult();
        await next;
        Assert.Equal(ResultsUnderWay.MostAtOnce + 1, _taken.Count);
    }

    [Fact]
    public async Task To_finish_waits_for_all_of_them()
    {
        var results = new ResultsUnderWay(Take);
        await results.AddAsync(new NodeEnded([]), TestContext.Current.CancellationToken);
        await results.AddAsync(new NodeEnded([]), TestContext.Current.CancellationToken);

        var finished = results.FinishAsync();
        _taken[1].SetResult();
        Assert.False(finished.IsCompleted);

        _taken[0].SetResult();
        await finished;
    }

    [Fact]
    public async Task What_one_fails_with_ends_the_link_with_the_next_message_of_any_kind()
    {
        var results = new ResultsUnderWay(Take);
        await results.AddAsync(new NodeEnded([]), TestContext.Current.CancellationToken);
        _taken[0].SetException(new InvalidOperationException("the loop has stopped"));

        await Assert.ThrowsAsync<InvalidOperationException>(results.ThrowFailedAsync);
    }

    private Task Take(NodeEnded message, CancellationToken cancellation)
    {
        var taken = new TaskCompletionSource();
        _taken.Add(taken);
        return taken.Task;
    }
}

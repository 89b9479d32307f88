using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Server.Tests.Loop;

/// <summary>Silence of nodes counts only while the server could have heard them.</summary>
public sealed class AwakeTimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly AwakeTime _awake;
    private readonly NodeSessions _sessions = new();

    public AwakeTimeTests() => _awake = new AwakeTime(_time);

    [Fact]
    public void While_the_loop_runs_all_of_the_time_counts()
    {
        Run(TimeSpan.FromSeconds(29.9));
        Assert.Equal(29.9, _awake.Now.TotalSeconds, precision: 2);
    }

    [Fact]
    public void Of_a_time_in_which_the_process_was_stopped_a_second_counts()
    {
        Run(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromHours(8));
        Run(TimeSpan.FromSeconds(5));

        Assert.InRange(_awake.Now, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void A_node_that_says_nothing_is_closed_when_its_time_is_over_and_not_because_the_server_slept()
    {
        using var session = new NodeSession(new NodeId("1"), new Incarnation(1), _awake);
        Assert.True(_sessions.TryAdd(session, out _));

        Run(TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromHours(8));
        Run(TimeSpan.FromSeconds(8));
        Assert.False(session.Closed.IsCancellationRequested);
        Run(TimeSpan.FromSeconds(2));

        Assert.True(session.Closed.IsCancellationRequested);
        Assert.True(session.WasSilent);
    }

    [Fact]
    public void A_node_that_is_heard_or_may_be_silent_is_not_closed()
    {
        using var heard = new NodeSession(new NodeId("1"), new Incarnation(1), _awake);
        using var waiting = new NodeSession(new NodeId("2"), new Incarnation(2), _awake) { MayBeSilent = true };
        Assert.True(_sessions.TryAdd(heard, out _));
        Assert.True(_sessions.TryAdd(waiting, out _));

        for (var i = 0; i < 10; i++)
        {
            Run(TimeSpan.FromSeconds(29));
            heard.Heard();
        }

        Assert.False(heard.Closed.IsCancellationRequested);
        Assert.False(waiting.Closed.IsCancellationRequested);
    }

    /// <summary>As the server's loop does.</summary>
    private void Run(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += ClusterLoop.Pulse)
        {
            _time.Advance(ClusterLoop.Pulse);
            _sessions.CloseSilent(_awake.Pulse(), Patience);
        }
    }
}

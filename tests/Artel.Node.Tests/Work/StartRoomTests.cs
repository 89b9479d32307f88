using Artel.Node.Work;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Node.Tests.Work;

public sealed class StartRoomTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StartRoom _room;

    public StartRoomTests() => _room = new StartRoom(_time, NullLogger.Instance);

    public void Dispose() => _room.Dispose();

    [Fact]
    public void As_many_run_as_ran_when_a_start_failed_and_then_by_and_by_more()
    {
        var changes = 0;
        _room.Changed += () => changes++;

        _room.Lacks("no processes", 10);

        Assert.Equal((10, null), (_room.Most, _room.Problem));
        Pass(2);
        Assert.Equal((15, 2), (_room.Most, changes));
        _room.Lacks("no processes", 12);
        Assert.Equal(12, _room.Most);
        Pass(60);
        Assert.Equal(int.MaxValue, _room.Most);
    }

    [Fact]
    public void If_not_one_can_be_started_the_node_takes_no_work_for_longer_and_longer()
    {
        for (var rest = 1; rest <= 60; rest *= 2)
        {
            _room.Lacks("no processes", 0);
            _room.Lacks("no processes", 0);

            Pass(Math.Min(rest, 30) - 0.1);
            Assert.Equal("no processes", _room.Problem);
            Pass(0.1);
            Assert.Equal((1, null), (_room.Most, _room.Problem));
        }
    }

    [Fact]
    public void After_a_second_without_a_failure_the_next_rest_is_short_again()
    {
        for (var i = 0; i < 4; i++)
        {
            _room.Lacks("no processes", 0);
            Pass(30);
        }

        Pass(1);
        _room.Lacks("no processes", 0);
        Pass(1);

        Assert.Null(_room.Problem);
    }

    /// <summary>In steps: the timers of one that is set anew when it is due count from the end of a step.</summary>
    private void Pass(double seconds)
    {
        for (var left = seconds; left > 0.01; left -= 0.1)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }
    }
}

using Artel.Node.Work;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Node.Tests.Work;

public sealed class ExclusiveTermTests
{
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly ExclusiveTerm _term;

    public ExclusiveTermTests() => _term = new ExclusiveTerm(_time);

    [Fact]
    public void Before_the_first_welcome_nothing_exclusive_may_run()
    {
        Assert.False(_term.Holds);
        Assert.Equal(TimeSpan.Zero, _term.Left);
    }

    [Fact]
    public void It_is_counted_from_when_the_hello_was_sent_and_not_from_its_answer()
    {
        var helloAt = _term.Now;
        _time.Advance(TimeSpan.FromSeconds(15));

        _term.Begin(Term, helloAt);

        Assert.Equal(TimeSpan.FromSeconds(5), _term.Left);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_term.Holds);
    }

    [Fact]
    public void An_answered_heartbeat_renews_it_from_when_that_was_sent()
    {
        _term.Begin(Term, _term.Now);
        _time.Advance(TimeSpan.FromSeconds(10));
        var heartbeat = _term.NextHeartbeat();
        _time.Advance(TimeSpan.FromSeconds(9));

        _term.Renewed(heartbeat);

        Assert.Equal(TimeSpan.FromSeconds(11), _term.Left);

        // The guardian acts 2.7 s later: 20 s are 0.75 of the time until the node is lost, 0.85 of it are 22.7 s.
        var guardianLeft = _term.GuardianDeadline - _time.GetElapsedTime(0);
        Assert.Equal(13.667, guardianLeft.TotalSeconds, precision: 3);
    }

    [Fact]
    public void Late_repeated_and_invented_answers_do_not_shorten_or_lengthen_it()
    {
        _term.Begin(Term, _term.Now);
        var first = _term.NextHeartbeat();
        _time.Advance(TimeSpan.FromSeconds(10));
        var second = _term.NextHeartbeat();
        _term.Renewed(second);

        _term.Renewed(first);
        _term.Renewed(second);
        _term.Renewed(second + 1000);

        Assert.Equal(Term, _term.Left);
    }

    [Fact]
    public void Answers_of_an_earlier_link_say_nothing_on_a_new_one()
    {
        _term.Begin(Term, _term.Now);
        var heartbeat = _term.NextHeartbeat();
        _time.Advance(TimeSpan.FromSeconds(12));
        _term.Begin(Term, _term.Now);
        _time.Advance(TimeSpan.FromSeconds(3));

        _term.Renewed(heartbeat);

        Assert.Equal(TimeSpan.FromSeconds(17), _term.Left);
    }

    [Fact]
    public void A_heartbeat_that_was_answered_after_very_many_others_is_forgotten()
    {
        _term.Begin(Term, _term.Now);
        var old = _term.NextHeartbeat();
        for (var i = 0; i < 1000; i++)
        {
            _term.NextHeartbeat();
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        _term.Renewed(old);

        Assert.False(_term.Holds);
    }

    [Fact]
    public void The_clock_of_leases_goes_on_and_is_the_one_of_the_system()
    {
        var before = BootTime.Now;
        var uptime = TimeSpan.FromMilliseconds(Environment.TickCount64);

        Assert.InRange(BootTime.Now - before, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.True(BootTime.Now >= uptime - TimeSpan.FromSeconds(1), $"{BootTime.Now} since boot, and {uptime} awake");
    }
}

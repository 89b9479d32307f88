using Artel.Node.Leases;
using Artel.Node.Spool;

namespace Artel.Node.Tests.Leases;

/// <summary>Every state and every event of a lease, and what the table answers in each state.</summary>
public sealed class LeaseTableTests
{
    private static readonly LeaseId Lease = new(1, 1);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly SpoolPlace Place = new(new RecordPlace(7, 3), HasFiles: true);

    // All that is allowed. The rules are written otherwise, so that a slip in one of the two shows.
    private static readonly (LeaseState From, LeaseEvent What, LeaseState To)[] Allowed =
    [
        (LeaseState.Assigned, LeaseEvent.Taken, LeaseState.Starting),
        (LeaseState.Assigned, LeaseEvent.Dropped, LeaseState.Settled),
        (LeaseState.Starting, LeaseEvent.Started, LeaseState.Running),
        (LeaseState.Starting, LeaseEvent.Kept, LeaseState.Spooled),
        (LeaseState.Starting, LeaseEvent.Dropped, LeaseState.Settled),
        (LeaseState.Running, LeaseEvent.Kept, LeaseState.Spooled),
        (LeaseState.Running, LeaseEvent.Dropped, LeaseState.Settled),
        (LeaseState.Spooled, LeaseEvent.Announced, LeaseState.Announced),
        (LeaseState.Spooled, LeaseEvent.Withdrawn, LeaseState.Spooled),
        (LeaseState.Spooled, LeaseEvent.Settled, LeaseState.Settled),
        (LeaseState.Announced, LeaseEvent.Asked, LeaseState.Delivering),
        (LeaseState.Announced, LeaseEvent.Withdrawn, LeaseState.Spooled),
        (LeaseState.Announced, LeaseEvent.Settled, LeaseState.Settled),
        (LeaseState.Delivering, LeaseEvent.Delivered, LeaseState.Announced),
        (LeaseState.Delivering, LeaseEvent.Withdrawn, LeaseState.Spooled),
        (LeaseState.Delivering, LeaseEvent.Settled, LeaseState.Settled),
    ];

    private readonly LeaseTable _table = new();

    public static TheoryData<LeaseStateName, LeaseEventName> All => new(
        from state in Enum.GetValues<LeaseStateName>()
        from what in Enum.GetValues<LeaseEventName>()
        select (state, what));

    /// <summary>Public names of the states, for the runner.</summary>
    public enum LeaseStateName
    {
        Assigned,
        Starting,
        Running,
        Spooled,
        Announced,
        Delivering,
        Settled,
    }

    /// <summary>Public names of the events.</summary>
    public enum LeaseEventName
    {
        Taken,
        Started,
        Kept,
        Dropped,
        Announced,
        Asked,
        Delivered,
        Withdrawn,
        Settled,
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Each_event_does_in_each_state_what_is_allowed_and_nothing_else(LeaseStateName from, LeaseEventName name)
    {
        var (state, what) = (Enum.Parse<LeaseState>(from.ToString()), Enum.Parse<LeaseEvent>(name.ToString()));
        var allowed = Allowed
            .Where(a => a.From == state && a.What == what)
            .Select(a => (LeaseState?)a.To)
            .SingleOrDefault();
        Assert.Equal(allowed, LeaseRules.After(state, what));

        Bring(state);
        var before = Seen();
        var error = Record.Exception(() => Make(what));

        // An attempt reports each event once and in order: anything else is a bug. What the server says may come too
        // late.
        var isOurOwn = what is LeaseEvent.Started or LeaseEvent.Kept or LeaseEvent.Dropped;
        Assert.Equal(allowed is null && isOurOwn ? typeof(InvalidOperationException) : null, error?.GetType());
        Assert.Equal(allowed is { } to ? to : before, Seen());
        var counts = _table.Counts;
        Assert.Equal(Seen() == LeaseState.Settled ? 0 : 1, counts.Assigned + counts.Attempts + counts.Results);
    }

    [Theory]
    [InlineData(LeaseStateName.Assigned, 1, 0, false, false, false)]
    [InlineData(LeaseStateName.Starting, 1, 0, false, false, false)]
    [InlineData(LeaseStateName.Running, 1, 0, true, false, false)]
    [InlineData(LeaseStateName.Spooled, 0, 1, false, true, false)]
    [InlineData(LeaseStateName.Announced, 0, 1, false, true, false)]
    [InlineData(LeaseStateName.Delivering, 0, 1, false, true, false)]
    [InlineData(LeaseStateName.Settled, 0, 0, false, false, false)]
    public void A_new_link_presents_every_lease_once_and_is_told_what_the_old_one_may_have_missed(
        LeaseStateName name, int held, int finished, bool tellsStart, bool tellsEnd, bool asks)
    {
        Bring(Enum.Parse<LeaseState>(name.ToString()));

        var presented = _table.Present();
        _table.BeginLink();

        Assert.Equal((held, finished), (presented.Held.Sum(r => r.Count), presented.Finished.Sum(r => r.Count)));
        Assert.Equal(tellsStart, _table.TakeStarts(10).Count == 1);
        Assert.Equal(tellsEnd, _table.TryTakeEnd(out _));
        Assert.Equal(asks, _table.TryTakeAsked(out _));
        Assert.Empty(_table.TakeReturned());
        Assert.False(_table.HasNewsNow);
    }

    [Fact]
    public void What_happens_between_hello_and_welcome_is_told_once()
    {
        Bring(LeaseState.Running);
        _table.Present();
        _table.Kept(Lease, Place);
        _table.BeginLink();

        Assert.Empty(_table.TakeStarts(10));
        Assert.True(_table.TryTakeEnd(out var ended));
        Assert.Equal(Lease, ended);
        Assert.False(_table.TryTakeEnd(out _));
    }

    [Fact]
    public void What_is_given_back_is_told_once_and_revoked_leases_never()
    {
        _table.Assign(Grants.Of(1, 10));
        TakeUp();
        _table.Dropped(Lease, isGivenBack: true);
        _table.TakeOut(Grants.Range(2, 2), isGivenBack: true);
        _table.TakeOut(Grants.Range(4, 2), isGivenBack: false);
        _table.GiveBack(3);
        _table.Decline(Grants.Range(50, 5));

        var told = _table.TakeReturned().SelectMany(r => Enumerable.Range((int)r.FirstSequence, r.Count)).Order();

        Assert.Equal([1, 2, 3, 8, 9, 10, 50, 51, 52, 53, 54], told);
        Assert.Empty(_table.TakeReturned());
        Assert.Equal(2, _table.Counts.Assigned);
    }

    [Fact]
    public void A_short_attempt_that_has_ended_has_no_start_to_tell()
    {
        Bring(LeaseState.Running);
        _table.Kept(Lease, Place);

        Assert.Empty(_table.TakeStarts(10));
    }

    [Fact]
    public void Output_that_is_sent_while_it_is_written_is_sent_by_nobody_else_until_that_is_over()
    {
        Bring(LeaseState.Running);
        Assert.True(_table.TryBeginAhead(Lease));
        Assert.False(_table.TryBeginAhead(Lease));
        _table.Kept(Lease, Place);
        Assert.True(_table.TryTakeEnd(out _));
        _table.Ask(Lease);

        Assert.False(_table.TryTakeAsked(out _));
        _table.EndAhead(Lease);
        Assert.True(_table.TryTakeAsked(out var lease));
        Assert.Equal(Lease, lease);
    }

    [Fact]
    public void A_delivery_that_failed_has_its_turn_again_after_the_others()
    {
        _table.Restored(new LeaseId(1, 1), Place);
        _table.Restored(new LeaseId(1, 2), Place);
        _table.BeginLink();
        while (_table.TryTakeEnd(out var lease))
            _table.Ask(lease);

        _table.TryTakeAsked(out var first);
        _table.AskAgain(first);
        _table.TryTakeAsked(out var second);
        _table.TryTakeAsked(out var third);

        Assert.NotEqual(first, second);
        Assert.Equal(first, third);
    }

    [Fact]
    public void A_result_whose_bytes_are_lost_is_announced_once_more_with_the_reason()
    {
        Bring(LeaseState.Delivering);

        _table.Withdraw(Lease, "gone");
        _table.Withdraw(Lease, "and again");

        Assert.True(_table.TryTakeEnd(out _));
        Assert.False(_table.TryTakeEnd(out _));
        Assert.True(_table.TryFindResult(Lease, out var place, out var loss));
        Assert.Equal((Place, "gone"), (place, loss));
    }

    [Fact]
    public void A_lease_that_runs_here_is_not_started_a_second_time()
    {
        Bring(LeaseState.Running);
        _table.Assign(Grants.Of(1, 2));

        _table.TakeNext(Grants.Plenty, mayStartExclusive: true, 0, _ => null);

        Assert.Equal(LeaseState.Running, _table.StateOf(Lease));
        Assert.Equal(LeaseState.Starting, _table.StateOf(new LeaseId(1, 2)));
    }

    /// <summary>Brings the lease into a state by an ordinary life.</summary>
    private void Bring(LeaseState state)
    {
        _table.Assign(Grants.Of(1, 1));
        Action[] life =
        [
            TakeUp,
            () => _table.Started(Lease, Start),
            () => _table.Kept(Lease, Place),
            () => Assert.True(_table.TryTakeEnd(out _)),
            () => _table.Ask(Lease),
            () => _table.Settle([Grants.Range(1)]),
        ];
        foreach (var step in life[..(int)state])
            step();
    }

    private void Make(LeaseEvent what)
    {
        switch (what)
        {
            case LeaseEvent.Taken:
                TakeUp();
                break;
            case LeaseEvent.Started:
                _table.Started(Lease, Start);
                break;
            case LeaseEvent.Kept:
                _table.Kept(Lease, Place);
                break;
            case LeaseEvent.Dropped when _table.StateOf(Lease) is null && _table.Counts.Assigned > 0:
                _table.TakeOut(Grants.Range(1), isGivenBack: true);
                break;
            case LeaseEvent.Dropped:
                _table.Dropped(Lease, isGivenBack: true);
                break;
            case LeaseEvent.Announced:
                _table.TryTakeEnd(out _);
                break;
            case LeaseEvent.Asked:
                _table.Ask(Lease);
                break;
            case LeaseEvent.Delivered:
                _table.Delivered(Lease);
                break;
            case LeaseEvent.Withdrawn:
                _table.Withdraw(Lease, null);
                break;
            case LeaseEvent.Settled:
                _table.Settle([Grants.Range(1)]);
                break;
        }
    }

    private LeaseState Seen() =>
        _table.StateOf(Lease) ?? (_table.Counts.Assigned > 0 ? LeaseState.Assigned : LeaseState.Settled);

    private void TakeUp() => _table.TakeNext(Grants.Plenty, mayStartExclusive: true, 0, _ => null);
}

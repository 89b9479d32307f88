namespace Artel.Node.Leases;

/// <summary>Where a lease of this node is. The order is that of an ordinary life.</summary>
internal enum LeaseState
{
    /// <summary>Granted and not started.</summary>
    Assigned,

    /// <summary>It has an attempt, which has no process yet.</summary>
    Starting,

    /// <summary>Its process exists.</summary>
    Running,

    /// <summary>It has ended and its result is in the spool. It was not announced on this link.</summary>
    Spooled,

    /// <summary>Its result was announced on this link.</summary>
    Announced,

    /// <summary>The server has asked for its output.</summary>
    Delivering,

    /// <summary>The node is done with it: its result is stored or refused, or it was returned or revoked.</summary>
    Settled,
}

/// <summary>What happens to a lease.</summary>
internal enum LeaseEvent
{
    /// <summary>A starter has taken it up.</summary>
    Taken,

    /// <summary>Its process exists.</summary>
    Started,

    /// <summary>Its result is in the spool.</summary>
    Kept,

    /// <summary>It is returned or revoked, without a result.</summary>
    Dropped,

    /// <summary>Its result is being sent to the server.</summary>
    Announced,

    /// <summary>The server asks for its output.</summary>
    Asked,

    /// <summary>The server has received its output, and is about to store it.</summary>
    Delivered,

    /// <summary>Its announcement no longer holds: there is a new link, or the result has changed.</summary>
    Withdrawn,

    /// <summary>The server has stored or refused its result.</summary>
    Settled,
}

/// <summary>The allowed transitions of a lease.</summary>
internal static class LeaseRules
{
    /// <summary>The state after an event; null if the event does not belong to this state.</summary>
    public static LeaseState? After(LeaseState state, LeaseEvent what) => (state, what) switch
    {
        (LeaseState.Assigned, LeaseEvent.Taken) => LeaseState.Starting,
        (LeaseState.Starting, LeaseEvent.Started) => LeaseState.Running,
        (LeaseState.Starting or LeaseState.Running, LeaseEvent.Kept) => LeaseState.Spooled,
        (LeaseState.Assigned or LeaseState.Starting or LeaseState.Running, LeaseEvent.Dropped) => LeaseState.Settled,
        (LeaseState.Spooled, LeaseEvent.Announced) => LeaseState.Announced,
        (LeaseState.Announced, LeaseEvent.Asked) => LeaseState.Delivering,
        (LeaseState.Delivering, LeaseEvent.Delivered) => LeaseState.Announced,
        (LeaseState.Spooled or LeaseState.Announced or LeaseState.Delivering, LeaseEvent.Withdrawn) =>
            LeaseState.Spooled,
        (LeaseState.Spooled or LeaseState.Announced or LeaseState.Delivering, LeaseEvent.Settled) => LeaseState.Settled,
        _ => null,
    };
}

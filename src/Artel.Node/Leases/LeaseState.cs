namespace Artel.Node.Leases;

/// <summary>Where a lease of this node is. The order is that of an ordinary life.</summary>
internal enum LeaseState
{
    /// <summary>Granted, and not started.</summary>
    Assigned,

    /// <summary>An attempt was made of it, which has no process yet.</summary>
    Starting,

    /// <summary>Its process exists.</summary>
    Running,

    /// <summary>It has ended and its result is in the spool. The server of this link has not been told.</summary>
    Spooled,

    /// <summary>The server of this link was told of its result.</summary>
    Announced,

    /// <summary>The server has asked for its output.</summary>
    Delivering,

    /// <summary>The node has nothing more to do with it: its result is stored or refused, or it was given back or revoked.</summary>
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

    /// <summary>It is given back or revoked: there is no result of it.</summary>
    Dropped,

    /// <summary>Its result goes to the server now.</summary>
    Announced,

    /// <summary>The server asks for its output.</summary>
    Asked,

    /// <summary>The server has received its output, and is about to store it.</summary>
    Delivered,

    /// <summary>What the server was told of its result holds no longer: there is a new link, or the result has changed.</summary>
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
        (LeaseState.Spooled or LeaseState.Announced or LeaseState.Delivering, LeaseEvent.Withdrawn) => LeaseState.Spooled,
        (LeaseState.Spooled or LeaseState.Announced or LeaseState.Delivering, LeaseEvent.Settled) => LeaseState.Settled,
        _ => null,
    };
}

using System.Globalization;

namespace Artel.Core;

/// <summary>A job. Unique in the cluster, from 1, never reused.</summary>
public readonly record struct JobId(long Value) : IComparable<JobId>
{
    public int CompareTo(JobId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Task <paramref name="Number"/> (from 1) of a job, written <c>12.3</c>.</summary>
public readonly record struct TaskId(JobId Job, int Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job.Value}.{Number}");
}

/// <summary>A node, by the name its operator gave it.</summary>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>One start of a node agent, by a number that the agent drew at random.</summary>
public readonly record struct Incarnation(ulong Value);

/// <summary>The grant of one attempt to one node incarnation. Sequences count within an epoch; a lease is never used twice.</summary>
public readonly record struct Lease(long Epoch, long Sequence) : IComparable<Lease>
{
    /// <summary>In the order in which they were granted.</summary>
    public int CompareTo(Lease other) => Epoch == other.Epoch ? Sequence.CompareTo(other.Sequence) : Epoch.CompareTo(other.Epoch);

    public static bool operator <(Lease left, Lease right) => left.CompareTo(right) < 0;

    public static bool operator >(Lease left, Lease right) => left.CompareTo(right) > 0;

    public static bool operator <=(Lease left, Lease right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Lease left, Lease right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}/{Sequence}");
}

/// <summary>Consecutive leases of one epoch.</summary>
public readonly record struct LeaseRange(long Epoch, long FirstSequence, int Count)
{
    public Lease this[int index] => new(Epoch, FirstSequence + index);

    public bool Contains(Lease lease) =>
        lease.Epoch == Epoch && lease.Sequence >= FirstSequence && Count > 0 && unchecked((ulong)(lease.Sequence - FirstSequence)) < (ulong)Count;
}

/// <summary>Consecutive task numbers of one job, both ends included.</summary>
public readonly record struct TaskRange(int First, int Last)
{
    public int Count => Last - First + 1;

    public bool Contains(int task) => task >= First && task <= Last;
}

using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Node;

/// <summary>A lease as a value: the server's grant of one attempt to this node.</summary>
internal readonly record struct LeaseId(long Epoch, long Sequence) : IComparable<LeaseId>
{
    public static LeaseId Of(Lease lease) => new(lease.Epoch, lease.Sequence);

    public Lease ToLease() => new() { Epoch = Epoch, Sequence = Sequence };

    public int CompareTo(LeaseId other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    /// <summary>As in the names of files: <c>3-1045</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Sequence}");
}

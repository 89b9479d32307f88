namespace Artel.Core;

/// <summary>
/// When a node was last looked for to keep for a class. To look goes over many nodes: it is done for a few classes in
/// each round of placing, each in its turn, and not again for a class that no node can serve until a node has changed
/// or is kept no more.
/// </summary>
internal sealed class ReservationLook
{
    /// <summary>The turn of <see cref="Reservations"/> in which it was looked for.</summary>
    public long Turn { get; set; } = -1;

    /// <summary>The state of the nodes in which none could serve the class.</summary>
    public long NowhereAt { get; set; } = -1;
}

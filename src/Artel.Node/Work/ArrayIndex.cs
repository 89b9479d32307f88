using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>Indices of an array by their position, without expanding it.</summary>
internal static class ArrayIndex
{
    /// <summary>The index at a position, counted from 0 over all ranges; null where the array is shorter.</summary>
    public static long? At(IndexSet array, long position)
    {
        foreach (var range in array.Ranges)
        {
            var step = range.Step == 0 ? 1 : range.Step;
            var count = range.Last < range.First ? 0 : ((range.Last - range.First) / step) + 1;
            if (position < count)
                return range.First + (position * step);

            position -= count;
        }

        return null;
    }
}

using System.Buffers;
using Artel.Core;

namespace Artel.Server.Storage;

/// <summary>
/// Scattered tasks as bytes: of each range, in order, how many tasks lie between it and the one before, and how many it
/// has, as numbers of 7 bits a byte, the lowest first. The first range begins at the first task, which is kept beside
/// it.
/// </summary>
internal static class TaskSetBlob
{
    /// <summary>A row has no more ranges than this, so that to change one task of it costs little.</summary>
    public const int MaxRanges = 1024;

    /// <summary>The rows that tasks make: each a set, and its bytes if it is more than one range.</summary>
    public static IEnumerable<(TaskSet Tasks, byte[]? Blob)> Rows(TaskSet tasks)
    {
        if (tasks.RangeCount == 1)
        {
            yield return (tasks, null);
            yield break;
        }

        foreach (var some in tasks.Ranges.Chunk(MaxRanges))
        {
            var row = TaskSet.Of(some);
            yield return (row, row.RangeCount == 1 ? null : Write(row));
        }
    }

    public static byte[] Write(TaskSet tasks)
    {
        var bytes = new ArrayBufferWriter<byte>(tasks.RangeCount * 3);
        var next = tasks.First;
        foreach (var range in tasks.Ranges)
        {
            Put(bytes, range.First - next);
            Put(bytes, range.Count);
            next = range.Last + 1;
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <param name="whole">From the first to the last task of the row.</param>
    /// <param name="blob">Null: all of them.</param>
    public static TaskSet Read(TaskRange whole, byte[]? blob)
    {
        if (blob is null)
        {
            return whole;
        }

        var ranges = new List<TaskRange>(blob.Length / 2);
        var (next, at) = (whole.First, 0);
        while (at < blob.Length)
        {
            var first = next + Take(blob, ref at);
            next = first + Take(blob, ref at);
            ranges.Add(new TaskRange(first, next - 1));
        }

        return TaskSet.Of(ranges);
    }

    private static void Put(ArrayBufferWriter<byte> bytes, int number)
    {
        var span = bytes.GetSpan(5);
        var length = 0;
        for (var rest = (uint)number; ; rest >>= 7)
        {
            span[length++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
            {
                break;
            }
        }

        bytes.Advance(length);
    }

    private static int Take(byte[] blob, ref int at)
    {
        var number = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var part = blob[at++];
            number |= (uint)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return (int)number;
            }
        }
    }
}

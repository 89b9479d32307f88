using Artel.Protocol.Files;
using Microsoft.Win32.SafeHandles;

namespace Artel.Node.Spool;

/// <summary>
/// The append-only file of the spool. A record survives the death of the agent as soon as it is appended: it is in the system's
/// cache then. It is not forced to the disk: a node that loses power has lost its processes too, and a result that is not there
/// any more, or is damaged, is not presented; the server then lets the task run again. That is what makes short tasks cheap here.
/// Callers take turns.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const FileShare Share = FileShare.Read | FileShare.Delete;

    private readonly string _path;
    private SafeFileHandle _file;

    public Journal(string path)
    {
        _path = path;
        _file = OwnerOnly.OpenFile(path, Share);
    }

    /// <summary>Bytes in use.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Gives every intact record with its place, in order. What is damaged between them is passed over: it costs the results that
    /// stood there and no others. What comes after the last one is cut off: a record that the agent was writing when it died.
    /// </summary>
    public void Load(RecordReader onRecord)
    {
        var end = RandomAccess.GetLength(_file);
        var buffer = new byte[64 * 1024];
        for (var at = 0L; (at = NextBeginning(at, end, buffer)) < end;)
        {
            var payload = ReadRecord(at, end, ref buffer);
            if (payload.IsEmpty)
            {
                at++;
                continue;
            }

            DamagedBytes += at - Length;
            onRecord(payload, new RecordPlace(at, payload.Length));
            at = Length = at + JournalRecord.HeaderSize + payload.Length;
        }

        TornBytes = end - Length;
        RandomAccess.SetLength(_file, Length);
    }

    /// <summary>Bytes that <see cref="Load"/> found at the end and cut off.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Bytes between intact records that <see cref="Load"/> passed over.</summary>
    public long DamagedBytes { get; private set; }

    public RecordPlace Append(ReadOnlySpan<byte> record)
    {
        try
        {
            RandomAccess.Write(_file, record, Length);
        }
        catch (IOException)
        {
            CutTail();
            throw;
        }

        var place = new RecordPlace(Length, record.Length - JournalRecord.HeaderSize);
        Length += record.Length;
        return place;
    }

    /// <summary>The payload of a record.</summary>
    /// <exception cref="InvalidDataException">
    /// It is not what was written. The message is for people and names no path.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public byte[] Read(RecordPlace place)
    {
        var record = new byte[JournalRecord.HeaderSize + place.PayloadLength];
        return ReadFully(record, place.Offset) && JournalRecord.IsIntact(record)
            ? record[JournalRecord.HeaderSize..]
            : throw new InvalidDataException("its record in the journal was changed");
    }

    public void Clear()
    {
        RandomAccess.SetLength(_file, 0);
        Length = 0;
    }

    /// <summary>Writes a journal of only these records in the place of this one, and tells their new places in the same order.</summary>
    public List<RecordPlace> Rewrite(IEnumerable<RecordPlace> kept)
    {
        var places = new List<RecordPlace>();
        var path = _path + ".new";
        var rewritten = OwnerOnly.CreateFile(path, Share);
        var length = 0L;
        try
        {
            foreach (var place in kept)
            {
                var record = new byte[JournalRecord.HeaderSize + place.PayloadLength];

                // What is not there any more is left zero: whoever reads the record sees that it is damaged.
                _ = ReadFully(record, place.Offset);
                RandomAccess.Write(rewritten, record, length);
                places.Add(place with { Offset = length });
                length += record.Length;
            }

            File.Move(path, _path, overwrite: true);
        }
        catch
        {
            // This one stays in use.
            rewritten.Dispose();
            throw;
        }

        _file.Dispose();
        _file = rewritten;
        Length = length;
        return places;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Cuts off what a failed write has left. Otherwise the next record would go over its beginning, and what is behind
    /// that would be searched for records at the next start: it may hold output of a task that looks like one.
    /// </summary>
    private void CutTail()
    {
        try
        {
            RandomAccess.SetLength(_file, Length);
        }
        catch (IOException)
        {
            // The disk takes nothing at all: the next record is tried at the same place.
        }
    }

    /// <summary>The next place, from this one on, where a record may begin; the end where there is none.</summary>
    private long NextBeginning(long at, long end, byte[] buffer)
    {
        while (end - at >= JournalRecord.MinSize)
        {
            var window = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
            if (!ReadFully(window, at))
                return end;

            for (var i = 0; i + JournalRecord.MinSize <= window.Length; i++)
            {
                if (JournalRecord.SizeAt(window[i..]) is > 0 and var size && size <= end - at - i)
                    return at + i;
            }

            at += window.Length - JournalRecord.MinSize + 1;
        }

        return end;
    }

    /// <summary>The payload of the record that begins here, in the buffer; empty where none does after all.</summary>
    private ReadOnlySpan<byte> ReadRecord(long at, long end, ref byte[] buffer)
    {
        if (!ReadFully(buffer.AsSpan(0, JournalRecord.MinSize), at))
            return default;

        var size = (int)Math.Min(JournalRecord.SizeAt(buffer), end - at);
        if (buffer.Length < size)
            buffer = new byte[size];

        var record = buffer.AsSpan(0, size);
        return ReadFully(record, at) && JournalRecord.IsIntact(record) ? record[JournalRecord.HeaderSize..] : default;
    }

    private bool ReadFully(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
                return false;

            destination = destination[count..];
            offset += count;
        }

        return true;
    }
}

/// <summary>Where a record is in the journal.</summary>
internal readonly record struct RecordPlace(long Offset, int PayloadLength);

/// <summary>Takes one payload.</summary>
internal delegate void RecordReader(ReadOnlySpan<byte> payload, RecordPlace place);

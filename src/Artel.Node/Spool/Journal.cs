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
    private readonly string _path;
    private SafeFileHandle _file;

    public Journal(string path)
    {
        _path = path;
        _file = Open(path, FileMode.OpenOrCreate);
    }

    /// <summary>Bytes in use.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Gives every intact record with its place, in order, and cuts off what comes after the last one: a record that the agent
    /// was writing when it died.
    /// </summary>
    public void Load(RecordReader onRecord)
    {
        var end = RandomAccess.GetLength(_file);
        var header = new byte[JournalRecord.HeaderSize];
        var payload = new byte[4096];
        while (end - Length >= JournalRecord.HeaderSize && ReadFully(header, Length))
        {
            var length = JournalRecord.PayloadLength(header);
            if (length < 0 || end - Length - JournalRecord.HeaderSize < length)
                break;

            if (payload.Length < length)
                payload = new byte[length];

            var content = payload.AsSpan(0, length);
            if (!ReadFully(content, Length + JournalRecord.HeaderSize) || !JournalRecord.IsIntact(header, content))
                break;

            onRecord(content, new RecordPlace(Length, length));
            Length += JournalRecord.HeaderSize + length;
        }

        TornBytes = end - Length;
        RandomAccess.SetLength(_file, Length);
    }

    /// <summary>Bytes that <see cref="Load"/> found at the end and cut off.</summary>
    public long TornBytes { get; private set; }

    public RecordPlace Append(ReadOnlySpan<byte> record)
    {
        // If this fails half way the next record goes over it.
        RandomAccess.Write(_file, record, Length);
        var place = new RecordPlace(Length, record.Length - JournalRecord.HeaderSize);
        Length += record.Length;
        return place;
    }

    /// <summary>The payload of a record.</summary>
    public byte[] Read(RecordPlace place)
    {
        var payload = new byte[place.PayloadLength];
        return ReadFully(payload, place.Offset + JournalRecord.HeaderSize)
            ? payload
            : throw new InvalidDataException($"{_path} is shorter than it was: has someone else written to it?");
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
        var rewritten = Open(path, FileMode.Create);
        var length = 0L;
        foreach (var place in kept)
        {
            var record = new byte[JournalRecord.HeaderSize + place.PayloadLength];
            if (!ReadFully(record, place.Offset))
                throw new InvalidDataException($"{_path} is shorter than it was: has someone else written to it?");

            RandomAccess.Write(rewritten, record, length);
            places.Add(place with { Offset = length });
            length += record.Length;
        }

        File.Move(path, _path, overwrite: true);
        _file.Dispose();
        _file = rewritten;
        Length = length;
        return places;
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

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

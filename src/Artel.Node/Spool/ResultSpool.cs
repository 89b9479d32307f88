using System.IO.Hashing;
using Artel.Node.Capture;
using Artel.Node.Processes;
using Artel.Protocol.Files;
using Artel.Protocol.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Spool;

/// <summary>
/// Owns the finished results that the server has not yet stored: a journal of results with short output in them, and a folder of
/// files for long output. They outlive the agent. Any thread.
/// </summary>
internal sealed class ResultSpool : IDisposable
{
    private const int ProbeBytes = 64 * 1024;
    private const long ClearFromBytes = 64 * 1024;
    private const long RewriteFromBytes = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<LeaseId, SpoolPlace> _places = [];
    private readonly Journal _journal;
    private readonly string _outputFolder;
    private long _livePayloadBytes;

    private ResultSpool(string folder, Journal journal, string outputFolder)
    {
        Folder = folder;
        _journal = journal;
        _outputFolder = outputFolder;
    }

    public string Folder { get; }

    /// <summary>Results kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Opens the spool of a data folder, with what an earlier agent left in it.</summary>
    public static ResultSpool Open(string folder, ILogger log)
    {
        var outputFolder = Path.Combine(folder, "output");
        OwnerOnly.CreateFolder(outputFolder);
        var spool = new ResultSpool(folder, new Journal(Path.Combine(folder, "journal")), outputFolder);
        spool.Load(log);
        return spool;
    }

    /// <summary>Where the output of an attempt goes if it grows long.</summary>
    public string OutputPath(LeaseId lease, OutputStream stream) =>
        Path.Combine(_outputFolder, $"{lease}.{(stream == OutputStream.Stdout ? "out" : "err")}");

    /// <summary>
    /// Keeps a result. Its streams are complete; their lengths are filled in here, and their data where it is short.
    /// </summary>
    /// <exception cref="IOException">It can not be kept: the disk is full, broken or read-only.</exception>
    public void Add(AttemptResult result, CapturedStream stdout, CapturedStream stderr)
    {
        result.Stdout = new OutputInfo { Length = stdout.Length, Written = stdout.Written };
        result.Stderr = new OutputInfo { Length = stderr.Length, Written = stderr.Written };
        result.StdoutData = ByteString.CopyFrom(stdout.InMemory.Span);
        result.StderrData = ByteString.CopyFrom(stderr.InMemory.Span);
        var record = JournalRecord.Result(
            result,
            stdout.FilePath is null ? 0 : stdout.FileCrc,
            stderr.FilePath is null ? 0 : stderr.FileCrc);
        lock (_gate)
        {
            Place(LeaseId.Of(result.Lease), _journal.Append(record), stdout.FilePath is not null || stderr.FilePath is not null);
        }
    }

    /// <summary>A result, or null where it is not (or no longer) here.</summary>
    public SpooledResult? Find(LeaseId lease)
    {
        byte[] payload;
        lock (_gate)
        {
            if (!_places.TryGetValue(lease, out var place))
                return null;

            payload = _journal.Read(place.Record);
        }

        return Parse(payload);
    }

    /// <summary>The leases of all results here.</summary>
    public List<LeaseId> Leases()
    {
        lock (_gate)
        {
            return [.. _places.Keys];
        }
    }

    /// <summary>Lets go of results that the server has stored, or does not want. Returns those that were here.</summary>
    public List<LeaseId> Settle(IEnumerable<LeaseRange> ranges)
    {
        var settled = new List<LeaseId>();
        var withFiles = new List<LeaseId>();
        lock (_gate)
        {
            foreach (var range in ranges)
            {
                foreach (var lease in range.Within(_places))
                {
                    _places.Remove(lease, out var place);
                    _livePayloadBytes -= place.Record.PayloadLength;
                    settled.Add(lease);
                    if (place.HasFiles)
                        withFiles.Add(lease);
                }
            }

            if (settled.Count == 0)
                return settled;

            try
            {
                var message = new Settled();
                message.Leases.Add(LeaseRanges.Of(settled));
                _journal.Append(JournalRecord.Settled(message));
                Shrink();
            }
            catch (IOException)
            {
                // The disk is full or broken, which the next result will tell. Without this note a later agent presents what was settled
                // once more, and the server refuses it.
                ClearIfEmpty();
            }
        }

        withFiles.ForEach(RemoveOutput);
        return settled;
    }

    /// <summary>Removes the output files of a lease, where there are any. What can not be removed now goes at the next start.</summary>
    public void RemoveOutput(LeaseId lease)
    {
        try
        {
            File.Delete(OutputPath(lease, OutputStream.Stdout));
            File.Delete(OutputPath(lease, OutputStream.Stderr));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only or broken disk: nobody looks at them before that start.
            return;
        }
    }

    /// <summary>Writes as much as a few results take, and removes it.</summary>
    /// <exception cref="IOException">That can not be done now.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Probe()
    {
        var path = Path.Combine(Folder, "probe");
        try
        {
            using var file = OwnerOnly.CreateFile(path, FileShare.None);
            RandomAccess.Write(file, new byte[ProbeBytes], 0);
            RandomAccess.FlushToDisk(file);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => _journal.Dispose();

    private void Load(ILogger log)
    {
        var damaged = new List<LeaseId>();
        _journal.Load((payload, place) =>
        {
            if ((JournalRecord.Kind)payload[0] == JournalRecord.Kind.Settled)
            {
                foreach (var range in Settled.Parser.ParseFrom(JournalRecord.Message(payload)).Leases)
                {
                    foreach (var lease in range.Within(_places))
                        _places.Remove(lease);
                }

                return;
            }

            var spooled = Parse(payload);
            Place(LeaseId.Of(spooled.Result.Lease), place, spooled.StdoutFile is not null || spooled.StderrFile is not null);
        });

        foreach (var (lease, place) in _places)
        {
            var payload = _journal.Read(place.Record);
            if (!HasItsFiles(Parse(payload), JournalRecord.FileCrcs(payload)))
                damaged.Add(lease);
        }

        foreach (var lease in damaged)
        {
            _places.Remove(lease);
            Log.SpooledOutputDamaged(log, lease.ToString());
        }

        _livePayloadBytes = _places.Values.Sum(p => (long)p.Record.PayloadLength);
        if (_journal.DamagedBytes > 0)
            Log.SpoolDamaged(log, _journal.DamagedBytes);

        if (_journal.TornBytes > 0)
            Log.SpoolTailCut(log, _journal.TornBytes);

        if (_places.Count > 0)
            Log.SpoolLoaded(log, _places.Count);

        Shrink();
        RemoveStrayFiles();
    }

    private SpooledResult Parse(ReadOnlySpan<byte> payload)
    {
        var result = AttemptResult.Parser.ParseFrom(JournalRecord.Message(payload));
        var lease = LeaseId.Of(result.Lease);
        return new SpooledResult(
            result,
            result.Stdout.Length > result.StdoutData.Length ? OutputPath(lease, OutputStream.Stdout) : null,
            result.Stderr.Length > result.StderrData.Length ? OutputPath(lease, OutputStream.Stderr) : null);
    }

    private static bool HasItsFiles(SpooledResult spooled, (uint Stdout, uint Stderr) crcs) =>
        IsIntact(spooled.StdoutFile, spooled.Result.Stdout.Length, crcs.Stdout)
        && IsIntact(spooled.StderrFile, spooled.Result.Stderr.Length, crcs.Stderr);

    private static bool IsIntact(string? path, long length, uint crc)
    {
        if (path is null)
            return true;

        if (!File.Exists(path) || new FileInfo(path).Length != length)
            return false;

        using var file = File.OpenRead(path);
        var hash = new Crc32();
        hash.Append(file);
        return hash.GetCurrentHashAsUInt32() == crc;
    }

    private void Place(LeaseId lease, RecordPlace record, bool hasFiles)
    {
        _places[lease] = new SpoolPlace(record, hasFiles);
        _livePayloadBytes += record.PayloadLength;
    }

    /// <summary>Keeps the journal from growing for ever. It is mostly empty: results are settled soon after they are made.</summary>
    private void Shrink()
    {
        if (_places.Count == 0)
        {
            _livePayloadBytes = 0;
            if (_journal.Length > ClearFromBytes)
                _journal.Clear();
        }
        else if (_journal.Length > RewriteFromBytes && _livePayloadBytes < _journal.Length / 4)
        {
            var leases = _places.Keys.ToArray();
            var places = _journal.Rewrite(leases.Select(l => _places[l].Record));
            for (var i = 0; i < leases.Length; i++)
                _places[leases[i]] = _places[leases[i]] with { Record = places[i] };
        }
    }

    /// <summary>Makes room where nothing is kept: to shorten a file needs none.</summary>
    private void ClearIfEmpty()
    {
        try
        {
            if (_places.Count == 0)
                _journal.Clear();
        }
        catch (IOException)
        {
            // Not even that: as the next result will tell.
            return;
        }
    }

    /// <summary>Output of attempts that were running when the agent died.</summary>
    private void RemoveStrayFiles()
    {
        var known = _places.Keys.Select(l => l.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_outputFolder))
        {
            if (!known.Contains(Path.GetFileNameWithoutExtension(file)))
                File.Delete(file);
        }
    }
}

/// <summary>Where a result is.</summary>
/// <param name="HasFiles">Whether output of it is in files of its own.</param>
internal readonly record struct SpoolPlace(RecordPlace Record, bool HasFiles);

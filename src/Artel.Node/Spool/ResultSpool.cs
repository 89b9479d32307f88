using Artel.Node.Capture;
using Artel.Node.Leases;
using Artel.Node.Processes;
using Artel.Protocol.Files;
using Artel.Protocol.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Spool;

/// <summary>
/// Stores finished results until the server has them: a journal of results with short output in them, and a folder of
/// files for long output. They outlive the agent. The <see cref="LeaseTable"/> has which ones there are. Checksums are
/// verified when something is read. Any thread.
/// </summary>
internal sealed class ResultSpool : IDisposable
{
    private const int ProbeBytes = 64 * 1024;
    private const long ClearFromBytes = 64 * 1024;
    private const long RewriteFromBytes = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LeaseTable _leases;
    private readonly Journal _journal;
    private readonly string _outputFolder;
    private long _livePayloadBytes;

    private ResultSpool(string folder, Journal journal, string outputFolder, LeaseTable leases)
    {
        Folder = folder;
        _leases = leases;
        _journal = journal;
        _outputFolder = outputFolder;
    }

    public string Folder { get; }

    /// <summary>
    /// Opens the spool of a data folder. The results that an earlier agent left in it are put into the table.
    /// </summary>
    public static ResultSpool Open(string folder, LeaseTable leases, ILogger log)
    {
        var outputFolder = Path.Combine(folder, "output");
        OwnerOnly.CreateFolder(outputFolder);
        var spool = new ResultSpool(folder, new Journal(Path.Combine(folder, "journal")), outputFolder, leases);
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
        var stdoutCrc = stdout.FilePath is null ? 0 : stdout.FileCrc;
        var stderrCrc = stderr.FilePath is null ? 0 : stderr.FileCrc;
        Add(
            result,
            JournalRecord.Result(result, stdoutCrc, stderrCrc),
            stdout.FilePath is not null || stderr.FilePath is not null);
    }

    /// <summary>Keeps a result without its output, and only says how much was written.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public void AddWithoutOutput(AttemptResult result, CapturedStream stdout, CapturedStream stderr)
    {
        result.Stdout = new OutputInfo { Written = stdout.Written };
        result.Stderr = new OutputInfo { Written = stderr.Written };
        Add(result, JournalRecord.Result(result, 0, 0), hasFiles: false);
        RemoveOutput(LeaseId.Of(result.Lease));
    }

    private void Add(AttemptResult result, byte[] record, bool hasFiles)
    {
        // With the gate held, so that no journal is rewritten without a record that the table does not have yet.
        lock (_gate)
        {
            var place = new SpoolPlace(_journal.Append(record), hasFiles);
            _livePayloadBytes += place.Record.PayloadLength;
            _leases.Kept(LeaseId.Of(result.Lease), place);
        }
    }

    /// <summary>A result; one whose bytes are lost says so. Null: it is not, or no longer, here.</summary>
    public SpooledResult? Find(LeaseId lease)
    {
        byte[] payload;
        string? loss;
        lock (_gate)
        {
            if (!_leases.TryFindResult(lease, out var place, out loss))
                return null;

            try
            {
                payload = _journal.Read(place.Record);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                // The system's own message names the path.
                var reason = e is InvalidDataException
                    ? e.Message
                    : $"its record in the journal cannot be read ({e.GetType().Name})";
                return SpooledResult.Lost(new AttemptResult { Lease = lease.ToLease() }, reason);
            }
        }

        var spooled = Parse(payload);
        return loss is null ? spooled : SpooledResult.Lost(spooled.Result, loss);
    }

    /// <summary>Removes results that the server has stored or does not want.</summary>
    public void Settle(IEnumerable<LeaseRange> ranges)
    {
        List<(LeaseId Lease, SpoolPlace Place)> settled;
        lock (_gate)
        {
            settled = _leases.Settle(ranges);
            if (settled.Count == 0)
                return;

            _livePayloadBytes -= settled.Sum(s => (long)s.Place.Record.PayloadLength);
            try
            {
                var message = new Settled();
                message.Leases.Add(LeaseRanges.Of(settled.Select(s => s.Lease)));
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

        foreach (var (lease, place) in settled)
        {
            if (place.HasFiles)
                RemoveOutput(lease);
        }
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

    /// <summary>Reads the journal. Output files are not looked at: that would take as long as they are large.</summary>
    private void Load(ILogger log)
    {
        var places = new Dictionary<LeaseId, SpoolPlace>();
        _journal.Load((payload, record) =>
        {
            if ((JournalRecord.Kind)payload[0] == JournalRecord.Kind.Settled)
            {
                foreach (var range in Settled.Parser.ParseFrom(JournalRecord.Message(payload)).Leases)
                {
                    foreach (var lease in range.Within(places))
                        places.Remove(lease);
                }

                return;
            }

            var spooled = Parse(payload);
            places[LeaseId.Of(spooled.Result.Lease)] = new SpoolPlace(record, spooled.HasFiles);
        });

        foreach (var (lease, place) in places)
            _leases.Restored(lease, place);

        _livePayloadBytes = places.Values.Sum(p => (long)p.Record.PayloadLength);
        if (_journal.DamagedBytes > 0)
            Log.SpoolDamaged(log, _journal.DamagedBytes);

        if (_journal.TornBytes > 0)
            Log.SpoolTailCut(log, _journal.TornBytes);

        if (places.Count > 0)
            Log.SpoolLoaded(log, places.Count);

        Shrink();
        RemoveStrayFiles();
    }

    private SpooledResult Parse(ReadOnlySpan<byte> payload)
    {
        var result = AttemptResult.Parser.ParseFrom(JournalRecord.Message(payload));
        var lease = LeaseId.Of(result.Lease);
        var crcs = JournalRecord.FileCrcs(payload);
        return new SpooledResult(
            result,
            Source(result.Stdout, result.StdoutData, OutputStream.Stdout, crcs.Stdout),
            Source(result.Stderr, result.StderrData, OutputStream.Stderr, crcs.Stderr));

        SpooledOutput Source(OutputInfo info, ByteString data, OutputStream stream, uint crc) =>
            info.Length > data.Length
                ? new SpooledOutput(OutputPath(lease, stream), info.Length, crc)
                : new SpooledOutput(data);
    }

    /// <summary>Keeps the journal from growing for ever. It is mostly empty: results are settled soon after they are made.</summary>
    private void Shrink()
    {
        if (_leases.Counts.Results == 0)
        {
            _livePayloadBytes = 0;
            if (_journal.Length > ClearFromBytes)
                _journal.Clear();
        }
        else if (_journal.Length > RewriteFromBytes && _livePayloadBytes < _journal.Length / 4)
        {
            var results = _leases.Results();
            var places = _journal.Rewrite(results.Select(r => r.Place.Record));
            foreach (var ((lease, place), moved) in results.Zip(places))
                _leases.Moved(lease, place with { Record = moved });
        }
    }

    /// <summary>Makes room where nothing is kept: to shorten a file needs none.</summary>
    private void ClearIfEmpty()
    {
        try
        {
            if (_leases.Counts.Results == 0)
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
        var known = _leases.Results().Select(r => r.Lease.ToString()).ToHashSet(StringComparer.Ordinal);
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

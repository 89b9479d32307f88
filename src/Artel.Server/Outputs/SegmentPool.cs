using System.Globalization;
using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>
/// The segment files of all jobs, of which only a few are open: those in use, those that are not synced yet, and the last used ones.
/// Every segment it gives out must be given back. Any thread may call.
/// </summary>
internal sealed class SegmentPool(string folder, long segmentBytes, int openSegments) : IDisposable
{
    private const string Extension = ".seg";

    private readonly Lock _lock = new();
    private readonly Dictionary<(JobId Job, int Number), Segment> _open = [];
    private readonly Dictionary<JobId, Segment> _last = [];

    // Of jobs with open segments only: the others' is seen in their folders.
    private readonly Dictionary<JobId, int> _highest = [];
    private readonly HashSet<string> _changedFolders = [];
    private long _uses;

    public int OpenCount
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Takes room at the end of a job's last segment, or of a new one where that is full. Nobody else is given this room.</summary>
    public (Segment Segment, long Offset) Reserve(JobId job, long size)
    {
        lock (_lock)
        {
            if (!_last.TryGetValue(job, out var segment))
            {
                segment = OpenLast(job);
            }

            if (segment.End > 0 && segment.End + size > segmentBytes)
            {
                segment = OpenForWriting(job, NextNumber(job));
            }

            _last[job] = segment;
            var offset = segment.End;
            segment.End += size;
            Use(segment);
            CloseOldest();
            return (segment, offset);
        }
    }

    /// <summary>A new segment for one record of which nobody knows yet how long it will be. Given back, it is like any other.</summary>
    public Segment ReserveAlone(JobId job)
    {
        lock (_lock)
        {
            var segment = OpenForWriting(job, NextNumber(job));
            segment.IsGrowing = true;
            Use(segment);
            CloseOldest();
            return segment;
        }
    }

    /// <summary>Gives back a segment from <see cref="ReserveAlone"/> and leaves nothing of it.</summary>
    /// <exception cref="IOException">Its file can not be removed.</exception>
    public void Drop(Segment segment)
    {
        lock (_lock)
        {
            segment.Users--;
            segment.File.Dispose();
            if (!segment.IsDeleted)
            {
                Forget(segment);
                File.Delete(FileOf(segment.Job, segment.Number));
            }
        }
    }

    /// <summary>A segment to read from.</summary>
    /// <exception cref="IOException">There is none, or it can not be opened.</exception>
    public Segment Rent(JobId job, int number)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue((job, number), out var segment))
            {
                var file = File.OpenHandle(FileOf(job, number), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                segment = _open[(job, number)] = new Segment(job, number, file) { End = RandomAccess.GetLength(file) };
            }

            Use(segment);
            CloseOldest();
            return segment;
        }
    }

    /// <param name="wrote">A record was written into it, whole.</param>
    public void Return(Segment segment, bool wrote)
    {
        lock (_lock)
        {
            segment.Users--;
            segment.IsDirty |= wrote;
            if (segment.IsGrowing && wrote)
            {
                segment.IsGrowing = false;
                segment.End = RandomAccess.GetLength(segment.File);
            }

            if (segment is { IsDeleted: true, Users: 0 })
            {
                segment.File.Dispose();
            }

            CloseOldest();
        }
    }

    /// <summary>Gives back a segment in which a record was not written to its end. Its room is free again where it is the last.</summary>
    public void ReturnUnused(Segment segment, long offset, long size)
    {
        lock (_lock)
        {
            if (segment.End == offset + size && !segment.IsDeleted)
            {
                segment.End = offset;
                RandomAccess.SetLength(segment.File, Math.Min(offset, RandomAccess.GetLength(segment.File)));
            }

            Return(segment, wrote: false);
        }
    }

    /// <summary>What must be synced now for all records written so far to be durable. The segments must be given back.</summary>
    public (IReadOnlyList<Segment> Segments, IReadOnlyList<string> Folders) TakeDirty()
    {
        lock (_lock)
        {
            Segment[] dirty = [.. _open.Values.Where(segment => segment.IsDirty)];
            foreach (var segment in dirty)
            {
                segment.IsDirty = false;
                Use(segment);
            }

            string[] folders = [.. _changedFolders];
            _changedFolders.Clear();
            return (dirty, folders);
        }
    }

    /// <summary>Removes the segments of a job.</summary>
    public void Delete(JobId job)
    {
        lock (_lock)
        {
            foreach (var segment in _open.Values.Where(segment => segment.Job == job).ToList())
            {
                segment.IsDeleted = true;
                Forget(segment);
                if (segment.Users == 0)
                {
                    segment.File.Dispose();
                }
            }

            _changedFolders.Remove(FolderOf(job));
            if (Directory.Exists(FolderOf(job)))
            {
                Directory.Delete(FolderOf(job), recursive: true);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var segment in _open.Values)
            {
                segment.File.Dispose();
            }

            _open.Clear();
            _last.Clear();
            _highest.Clear();
        }
    }

    private void Use(Segment segment)
    {
        segment.Users++;
        segment.LastUse = ++_uses;
    }

    // What an earlier run left at the end of the last segment may be half a record. That harms nobody, as nothing refers to it: new
    // records go behind it.
    private Segment OpenLast(JobId job)
    {
        var highest = HighestNumber(job);
        var isTaken = highest == 0 || (_open.TryGetValue((job, highest), out var segment) && segment.IsGrowing);
        return OpenForWriting(job, isTaken ? NextNumber(job) : highest);
    }

    private int NextNumber(JobId job) => _highest[job] = HighestNumber(job) + 1;

    private int HighestNumber(JobId job)
    {
        if (_highest.TryGetValue(job, out var highest))
        {
            return highest;
        }

        var numbers = Directory.Exists(FolderOf(job))
            ? Directory.EnumerateFiles(FolderOf(job), "*" + Extension).Select(NumberOf)
            : [];
        return numbers.DefaultIfEmpty().Max();
    }

    private Segment OpenForWriting(JobId job, int number)
    {
        if (!_open.TryGetValue((job, number), out var segment))
        {
            var path = FileOf(job, number);
            var isNew = !File.Exists(path);
            if (isNew)
            {
                OwnerOnly.CreateFolder(FolderOf(job));
            }

            segment = _open[(job, number)] = new Segment(job, number, OwnerOnly.OpenFile(path, FileShare.ReadWrite | FileShare.Delete));
            if (isNew)
            {
                _changedFolders.Add(Path.GetDirectoryName(folder)!);
                _changedFolders.Add(folder);
                _changedFolders.Add(FolderOf(job));
            }

            segment.End = RandomAccess.GetLength(segment.File);
        }

        return segment;
    }

    private void CloseOldest()
    {
        while (_open.Count > openSegments)
        {
            var oldest = _open.Values.Where(segment => segment is { Users: 0, IsDirty: false }).MinBy(segment => segment.LastUse);
            if (oldest is null)
            {
                return;
            }

            Forget(oldest);
            oldest.File.Dispose();
        }
    }

    private void Forget(Segment segment)
    {
        _open.Remove((segment.Job, segment.Number));
        if (_last.GetValueOrDefault(segment.Job) == segment)
        {
            _last.Remove(segment.Job);
        }

        if (!_open.Keys.Any(open => open.Job == segment.Job))
        {
            _highest.Remove(segment.Job);
        }
    }

    private string FolderOf(JobId job) => Path.Combine(folder, job.ToString());

    private string FileOf(JobId job, int number) => Path.Combine(FolderOf(job), number.ToString(CultureInfo.InvariantCulture) + Extension);

    private static int NumberOf(string file) =>
        int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

using Artel.Core;

namespace Artel.Server.History;

/// <summary>
/// The history of the cluster in the data folder, so that it goes on over a restart of the server. It is written once a
/// minute and at the end; a server that is killed loses the last minute. Only charts need it: if the file cannot be
/// read or written, nothing else suffers.
/// </summary>
internal sealed partial class HistoryFile(string path, ILogger<HistoryFile> log)
{
    private const int Format = 0x41480001;

    private bool _failed;

    /// <summary>Fills a history with what was written last, if that can be read.</summary>
    public void Read(ClusterHistory history)
    {
        try
        {
            using var file = new BinaryReader(File.OpenRead(path));
            if (file.ReadInt32() == Format)
            {
                var fine = ReadSamples(file);
                history.Restore(fine, ReadSamples(file));
            }
        }
        catch (FileNotFoundException)
        {
            // The first start.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            LogUnread(log, path, e.Message);
        }
    }

    public void Write(ClusterHistory history)
    {
        try
        {
            var (fine, coarse) = history.Copy();
            var beside = path + ".new";
            using (var file = new BinaryWriter(File.Create(beside)))
            {
                file.Write(Format);
                WriteSamples(file, fine);
                WriteSamples(file, coarse);
            }

            File.Move(beside, path, overwrite: true);
            _failed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Logged once: a full disk fails every minute.
            if (!_failed)
            {
                LogUnwritten(log, path, e.Message);
            }

            _failed = true;
        }
    }

    private static void WriteSamples(BinaryWriter file, IReadOnlyList<LoadSample> samples)
    {
        file.Write(samples.Count);
        foreach (var s in samples)
        {
            file.Write(s.At.UtcTicks);
            file.Write(s.Span.Ticks);
            Write(file, s.Used);
            Write(file, s.Total);
            file.Write(s.Running);
            file.Write(s.Ready);
            file.Write(s.Succeeded);
            file.Write(s.Failed);
            file.Write(s.Nodes);
        }
    }

    /// <exception cref="ArgumentException">It is not what was written.</exception>
    private static List<LoadSample> ReadSamples(BinaryReader file)
    {
        var count = file.ReadInt32();
        if (count is < 0 or > ClusterHistory.MostSamples)
        {
            throw new ArgumentException($"it claims to have {count} samples");
        }

        var samples = new List<LoadSample>(count);
        for (var i = 0; i < count; i++)
        {
            var (at, span) = (new DateTimeOffset(file.ReadInt64(), TimeSpan.Zero), new TimeSpan(file.ReadInt64()));
            samples.Add(new LoadSample(
                at, span, ReadAmounts(file), ReadAmounts(file),
                file.ReadInt32(), file.ReadInt32(), file.ReadInt64(), file.ReadInt64(), file.ReadInt32()));
        }

        return samples;
    }

    private static void Write(BinaryWriter file, Amounts amounts)
    {
        file.Write(amounts.MilliCpus);
        file.Write(amounts.MemoryBytes);
        file.Write(amounts.MilliGpus);
    }

    private static Amounts ReadAmounts(BinaryReader file) => new(file.ReadInt64(), file.ReadInt64(), file.ReadInt64());

    [LoggerMessage(LogEvents.HistoryUnread, LogLevel.Warning, "The charts begin again: {Path} cannot be read: {Problem}")]
    private static partial void LogUnread(ILogger log, string path, string problem);

    [LoggerMessage(
        LogEvents.HistoryUnwritten, LogLevel.Warning,
        "The charts will not go on over a restart: {Path} cannot be written: {Problem}")]
    private static partial void LogUnwritten(ILogger log, string path, string problem);
}

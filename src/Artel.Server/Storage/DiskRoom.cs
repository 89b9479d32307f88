using System.Globalization;

namespace Artel.Server.Storage;

/// <summary>
/// The room on the disk of the data folder, of which a reserve is kept. Below the reserve nothing long is taken in, so that what must be kept (results, leases,
/// the log of the database) still fits. Below half of it nothing new is begun. Any thread may call.
/// </summary>
internal sealed class DiskRoom
{
    private const long LargestDefault = 1L << 30;
    private const int DefaultPart = 20;

    /// <summary>The file system is asked no more often than this, unless room gets short.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly Func<(long Free, long Total)> _look;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private (long Free, long Total) _seen;
    private long _seenAt;
    private long _promised;

    /// <summary>Written since the file system was asked.</summary>
    private long _unseen;

    /// <param name="reserve">Bytes to keep free. Null: 1 GiB, or a twentieth of the file system where that is less.</param>
    /// <param name="look">Says how many bytes are free, and how many there are in all.</param>
    public DiskRoom(string folder, long? reserve, TimeProvider time, Func<(long Free, long Total)> look)
    {
        (_folder, _time, _look) = (folder, time, look);
        (_seen, _seenAt) = (look(), time.GetTimestamp());
        Reserve = reserve ?? Math.Min(LargestDefault, _seen.Total / DefaultPart);
    }

    /// <summary>The room of the file system that holds a data folder.</summary>
    public static DiskRoom Of(DataFolder folder, long? reserve, TimeProvider time)
    {
        var disk = new DriveInfo(folder.Path);
        return new DiskRoom(folder.Path, reserve, time, () => (disk.AvailableFreeSpace, disk.TotalSize));
    }

    /// <summary>Bytes that are kept free.</summary>
    public long Reserve { get; }

    public long Total => Seen().Total;

    public long Free
    {
        get
        {
            lock (_gate)
            {
                return Math.Max(0, Seen().Free - _unseen);
            }
        }
    }

    /// <summary>Nothing long is taken in.</summary>
    public bool IsLow => Free < Reserve;

    /// <summary>Nothing new is begun: no task is started and no job accepted.</summary>
    public bool IsVeryLow => Free < Reserve / 2;

    /// <summary>What an operator should know; null while there is room.</summary>
    public string? Problem
    {
        get
        {
            var free = Free;
            return free >= Reserve ? null
                : $"the disk of {_folder} has {Words(free)} left and a reserve of {Words(Reserve)}: "
                    + (free < Reserve / 2 ? "no task is started and no job accepted" : "long output and large jobs wait") + " until there is room";
        }
    }

    /// <summary>Sets room aside for something long that is about to be written.</summary>
    /// <returns>False: there is none beside the reserve.</returns>
    public bool TryPromise(long bytes)
    {
        lock (_gate)
        {
            // Others write there too: asked again where it matters.
            if (Seen().Free - _unseen - _promised - bytes < 2 * Reserve)
            {
                Look();
            }

            if (_seen.Free - _unseen - _promised - bytes < Reserve)
            {
                return false;
            }

            _promised += bytes;
            return true;
        }
    }

    /// <summary>What was promised is written.</summary>
    public void Fulfil(long bytes)
    {
        lock (_gate)
        {
            _promised -= bytes;
            _unseen += bytes;
        }
    }

    /// <summary>What was promised will not be written.</summary>
    public void GiveBack(long bytes)
    {
        lock (_gate)
        {
            _promised -= bytes;
        }
    }

    /// <summary>Takes room for something that is written at once.</summary>
    /// <returns>False: there is none beside the reserve.</returns>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (!TryPromise(bytes))
            {
                return false;
            }

            Fulfil(bytes);
            return true;
        }
    }

    /// <summary>The same, by an exception.</summary>
    /// <exception cref="NoRoomException">There is no room for so much.</exception>
    public void Require(long bytes)
    {
        if (!TryTake(bytes))
        {
            throw Refusal(bytes);
        }
    }

    public NoRoomException Refusal(long bytes) => new(
        $"the disk of the server has no room for {Words(bytes)}: {Words(Free)} are left and {Words(Reserve)} are kept in reserve; it is taken when there is room");

    private (long Free, long Total) Seen()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_seenAt) >= LookEvery)
            {
                Look();
            }

            return _seen;
        }
    }

    private void Look() => (_seen, _seenAt, _unseen) = (_look(), _time.GetTimestamp(), 0);

    /// <summary>In the largest unit that leaves a number from 1.</summary>
    private static string Words(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}

/// <summary>Something long cannot be kept now, since the disk has only its reserve left. Nothing of it was kept. The message is for people.</summary>
internal sealed class NoRoomException(string message) : Exception(message);

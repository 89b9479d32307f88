using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// Writes that go with the next transaction, whoever begins it: they are on disk no later than anything that is committed after they came,
/// and cost no sync of their own. Any thread may add.
/// </summary>
internal sealed class Riders
{
    private readonly Lock _gate = new();
    private readonly List<Rider> _waiting = [];

    public Rider Add(Action<SqliteConnection> write)
    {
        var rider = new Rider(write);
        lock (_gate)
        {
            _waiting.Add(rider);
        }

        return rider;
    }

    public bool AreWaiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Writes all that wait, at the start of a transaction. They wait on until it is committed.</summary>
    /// <returns>How many there were.</returns>
    internal int Board(SqliteConnection connection)
    {
        Rider[] boarding;
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return 0;
            }

            boarding = [.. _waiting];
        }

        foreach (var rider in boarding)
        {
            rider.Write(connection);
        }

        return boarding.Length;
    }

    /// <summary>The transaction that they went with is on disk.</summary>
    internal void Arrive(int count)
    {
        if (count == 0)
        {
            return;
        }

        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                _waiting[i].IsDurable = true;
            }

            _waiting.RemoveRange(0, count);
        }
    }
}

/// <summary>A write that waits for a transaction.</summary>
internal sealed class Rider(Action<SqliteConnection> write)
{
    private volatile bool _isDurable;

    public bool IsDurable
    {
        get => _isDurable;
        internal set => _isDurable = value;
    }

    internal void Write(SqliteConnection connection) => write(connection);
}

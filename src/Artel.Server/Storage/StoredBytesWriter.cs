using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Adds up what the jobs of each user keep, a row for each user in a batch. Used as <see cref="ChangeWriter"/> is.</summary>
internal sealed class StoredBytesWriter(SqliteConnection connection) : IDisposable
{
    /// <summary>Of unfinished jobs that were met since the start.</summary>
    private readonly Dictionary<JobId, string> _users = [];
    private readonly Dictionary<string, long> _added = new(StringComparer.Ordinal);
    private readonly Statement _add = new(
        connection, "INSERT INTO stored_bytes(user, bytes) VALUES(?1, ?2) ON CONFLICT(user) DO UPDATE SET bytes = bytes + excluded.bytes");

    private JobId _job;
    private long _ofJob;

    public void Add(JobSubmitted submitted)
    {
        _users[submitted.Job] = submitted.Spec.User;
        Add(submitted.Job, submitted.Document.Length);
    }

    public void Add(JobRevised revised) => Add(revised.Job, revised.Grown);

    public void Add(AttemptEnded ended) => Add(ended.Task.Job, ended.Result.Stdout.Length + ended.Result.Stderr.Length);

    public void Forget(JobId job)
    {
        Settle();
        _users.Remove(job);
    }

    /// <summary>Writes what was added since the last call.</summary>
    public void Write()
    {
        Settle();
        foreach (var (user, bytes) in _added)
        {
            _add.Set(1, user).Set(2, bytes).Run();
        }

        _added.Clear();
    }

    public static Dictionary<string, long> ReadAll(SqliteConnection connection) => connection.Query(
        "SELECT user, bytes FROM stored_bytes", row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1))).ToDictionary(StringComparer.Ordinal);

    public void Dispose() => _add.Dispose();

    // Attempts of one job often come in a row: its user is looked up once for all of them.
    private void Add(JobId job, long bytes)
    {
        if (job != _job)
        {
            Settle();
            _job = job;
        }

        _ofJob += bytes;
    }

    private void Settle()
    {
        if (_ofJob != 0)
        {
            var user = UserOf(_job);
            _added[user] = _added.GetValueOrDefault(user) + _ofJob;
            _ofJob = 0;
        }
    }

    private string UserOf(JobId job)
    {
        if (!_users.TryGetValue(job, out var user))
        {
            _users[job] = user = connection.Query("SELECT user FROM jobs WHERE job = $job", row => row.GetString(0), ("$job", job.Value)).SingleOrDefault() ?? "";
        }

        return user;
    }
}

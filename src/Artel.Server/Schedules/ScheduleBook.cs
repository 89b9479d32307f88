using System.Collections.Concurrent;
using Artel.Core;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Schedules;

/// <summary>
/// All schedules: in memory without their jobs, on disk with them. Every change is on disk before it counts; what a time leads to is on disk
/// before it is done. Safe from any thread.
/// </summary>
internal sealed class ScheduleBook : IDisposable
{
    public const int MostSchedules = 10_000;

    /// <summary>Decided in one transaction: commits of the cluster wait for it.</summary>
    private const int MostAtOnce = 256;

    private const string WasMissed = "the server did not run then";

    private readonly Database _database;
    private readonly ConcurrentDictionary<string, Schedule> _schedules = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);

    private ScheduleBook(Database database) => _database = database;

    /// <param name="database">Must outlive the book.</param>
    public static async Task<ScheduleBook> OpenAsync(Database database, CancellationToken cancellation)
    {
        var book = new ScheduleBook(database);
        foreach (var schedule in await database.ReadAsync(ScheduleRows.ReadAll, cancellation))
        {
            book._schedules[schedule.Name] = schedule.DecidedUpTo(schedule.Decided);
        }

        return book;
    }

    /// <summary>In order of name.</summary>
    public IReadOnlyList<Schedule> All => [.. _schedules.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

    public Schedule? Find(string name) => _schedules.GetValueOrDefault(name);

    /// <summary>Keeps a new schedule. Its id is given here.</summary>
    /// <param name="check">Gets how many schedules its user has, and throws if that is enough.</param>
    public Task<AddOutcome> AddAsync(Schedule schedule, byte[] document, Action<int> check, CancellationToken cancellation) => ChangeAsync(
        async () =>
        {
            if (_schedules.ContainsKey(schedule.Name))
            {
                return AddOutcome.NameTaken;
            }

            if (_schedules.Count >= MostSchedules)
            {
                return AddOutcome.TooMany;
            }

            check(CountOf(schedule.User));

            var id = await _database.WriteAsync(connection => ScheduleRows.Insert(connection, schedule, document), cancellation);
            _schedules[schedule.Name] = (schedule with { Id = id }).DecidedUpTo(schedule.Decided);
            return AddOutcome.Added;
        },
        cancellation);

    /// <summary>Pauses a schedule, or lets it go on from now. False where it is gone.</summary>
    public Task<bool> SetPausedAsync(Schedule schedule, bool paused, DateTimeOffset now, CancellationToken cancellation) => ChangeAsync(
        async () =>
        {
            if (Current(schedule) is not { } current)
            {
                return false;
            }

            if (current.Paused != paused)
            {
                var changed = paused ? current with { Paused = true } : (current with { Paused = false }).DecidedUpTo(now);
                await _database.WriteAsync(connection => ScheduleRows.Update(connection, changed), cancellation);
                _schedules[schedule.Name] = changed;
            }

            return true;
        },
        cancellation);

    /// <summary>False where it is gone already.</summary>
    public Task<bool> RemoveAsync(Schedule schedule, CancellationToken cancellation) => ChangeAsync(
        async () =>
        {
            if (Current(schedule) is null)
            {
                return false;
            }

            await _database.WriteAsync(connection => ScheduleRows.Delete(connection, schedule.Id), cancellation);
            _schedules.TryRemove(schedule.Name, out _);
            return true;
        },
        cancellation);

    public int CountOf(string user) => _schedules.Values.Count(s => s.User == user);

    /// <summary>The document of a schedule's submission; null where it is gone.</summary>
    public Task<byte[]?> ReadDocumentAsync(Schedule schedule, CancellationToken cancellation) =>
        _database.ReadAsync(connection => ScheduleRows.ReadDocument(connection, schedule.Id), cancellation);

    /// <summary>Of each schedule that has run, the last run, by its id.</summary>
    public Task<Dictionary<long, ScheduleRun>> ReadLastRunsAsync(CancellationToken cancellation) =>
        _database.ReadAsync(connection => ScheduleRows.ReadLastRuns(connection).ToDictionary(), cancellation);

    public Task<List<ScheduleRun>> ReadRunsAsync(Schedule schedule, int limit, CancellationToken cancellation) =>
        _database.ReadAsync(connection => ScheduleRows.ReadRuns(connection, schedule.Id, limit), cancellation);

    /// <summary>
    /// Decides the first due time of schedules that have one, and keeps what was decided. To be called again until nothing is due.
    /// </summary>
    /// <param name="since">Since when the server runs.</param>
    /// <returns>How many were due, and of these what has to be submitted now.</returns>
    public Task<(int Due, IReadOnlyList<PlannedRun> Planned)> DecideAsync(DateTimeOffset now, DateTimeOffset since, CancellationToken cancellation) => ChangeAsync(
        async () =>
        {
            var due = new List<(Schedule Schedule, DueTime Time)>();
            foreach (var known in _schedules.Values.Where(s => !s.Paused && (s.Next <= now || s.Decided > now)))
            {
                if (due.Count == MostAtOnce)
                {
                    break;
                }

                var settled = DueTime.Settle(known.Decided, now);
                var schedule = settled == known.Decided ? known : _schedules[known.Name] = known.DecidedUpTo(settled);
                if (DueTime.Find(schedule.Times, schedule.Missed, schedule.Decided, now, since) is { } time)
                {
                    due.Add((schedule, time));
                }
            }

            if (due.Count == 0)
            {
                return (0, (IReadOnlyList<PlannedRun>)[]);
            }

            var planned = await _database.WriteAsync(connection => Plan(connection, due), cancellation);
            foreach (var (schedule, time) in due)
            {
                _schedules[schedule.Name] = schedule.DecidedUpTo(time.Decided);
            }

            return (due.Count, planned);
        },
        cancellation);

    /// <summary>What was decided before the server was started, and may not have been done.</summary>
    public async Task<IReadOnlyList<PlannedRun>> ReadPlannedAsync(CancellationToken cancellation)
    {
        var byId = _schedules.Values.ToDictionary(s => s.Id);
        return await _database.ReadAsync<IReadOnlyList<PlannedRun>>(
            connection =>
            [
                .. ScheduleRows.ReadPlanned(connection).Select(p => new PlannedRun(
                    p.Run, byId[p.Schedule], p.At, Planned(connection, byId[p.Schedule]))),
            ],
            cancellation);

        // It was decided that there is a job: one that would be skipped by now is made all the same.
        static OverlapVerdict Planned(SqliteConnection connection, Schedule schedule) =>
            OverlapVerdict.Of(schedule.Overlap, ScheduleRows.ReadUnfinished(connection, schedule.Id)) with { Reason = "" };
    }

    /// <summary>Notes what became of planned runs: a job, or why there is none.</summary>
    public Task NoteAsync(IReadOnlyCollection<(PlannedRun Planned, JobId? Job, string Reason)> done, CancellationToken cancellation) => _database.WriteAsync(
        connection =>
        {
            foreach (var (planned, job, reason) in done)
            {
                _ = job is { } made ? ScheduleRows.SetJob(connection, planned.Run, made) : ScheduleRows.SetReason(connection, planned.Run, reason);
                ScheduleRows.Prune(connection, planned.Schedule.Id);
            }

            return done.Count;
        },
        cancellation);

    public Task NoteByHandAsync(Schedule schedule, DateTimeOffset at, JobId job, CancellationToken cancellation) =>
        _database.WriteAsync(connection => ScheduleRows.InsertRunByHand(connection, schedule.Id, at, job), cancellation);

    public void Dispose() => _changing.Dispose();

    private static List<PlannedRun> Plan(SqliteConnection connection, List<(Schedule Schedule, DueTime Time)> due)
    {
        var planned = new List<PlannedRun>();
        foreach (var (schedule, time) in due)
        {
            ScheduleRows.Update(connection, schedule.DecidedUpTo(time.Decided));
            var verdict = time.At is null
                ? new OverlapVerdict(WasMissed, [], [])
                : OverlapVerdict.Of(schedule.Overlap, ScheduleRows.ReadUnfinished(connection, schedule.Id));
            var at = time.At ?? time.Decided;
            var run = ScheduleRows.InsertRun(connection, schedule.Id, at, time.IsMissed, verdict.Reason.Length > 0 ? verdict.Reason : null);
            if (verdict.Reason.Length == 0)
            {
                planned.Add(new PlannedRun(run, schedule, at, verdict));
            }
            else
            {
                ScheduleRows.Prune(connection, schedule.Id);
            }
        }

        return planned;
    }

    /// <summary>What is known of it by now; null where it is gone, also where another one has its name.</summary>
    private Schedule? Current(Schedule schedule) => Find(schedule.Name) is { } current && current.Id == schedule.Id ? current : null;

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            return await change();
        }
        finally
        {
            _changing.Release();
        }
    }
}

internal enum AddOutcome
{
    Added,
    NameTaken,
    TooMany,
}

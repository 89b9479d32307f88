using Artel.Core;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Accounting;

/// <summary>
/// Adds what attempts used to the sums of their days, in the transaction in which the attempts end: nothing is counted twice or lost. A
/// batch is summed in memory first and costs one row per key in it, not per task. Used as <see cref="ChangeWriter"/> is.
/// </summary>
/// <remarks>
/// An attempt counts on the UTC day on which it ended; its time is divided among the days on which it ran. A task counts under each of
/// its tags, so that sums by tag are a table of their own and do not add up to the total.
/// </remarks>
internal sealed class UsageRows(SqliteConnection connection) : IDisposable
{
    /// <summary>Tags of one user that have sums of their own on one day. All others share <see cref="OtherTags"/>.</summary>
    public const int MostTags = 1000;

    public const string OtherTags = "(other)";

    private const string Adds = """
        tasks = tasks + excluded.tasks, attempts = attempts + excluded.attempts, failures = failures + excluded.failures, losses = losses + excluded.losses,
        held = held + excluded.held, cpu = cpu + excluded.cpu, gpu = gpu + excluded.gpu, memory = memory + excluded.memory, used = used + excluded.used
        """;

    private const string Columns = "tasks, attempts, failures, losses, held, cpu, gpu, memory, used";
    private const string Values = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12";

    private readonly Statement _nodes = new(
        connection, $"INSERT INTO usage_nodes(day, user, node, {Columns}) VALUES({Values}) ON CONFLICT(day, user, node) DO UPDATE SET {Adds}");

    private readonly Statement _tags = new(
        connection, $"INSERT INTO usage_tags(day, user, tag, {Columns}) VALUES({Values}) ON CONFLICT(day, user, tag) DO UPDATE SET {Adds}");

    private readonly Dictionary<(long Day, string User, string Name), UsageSum> _byNode = [];
    private readonly Dictionary<(long Day, string User, string Name), UsageSum> _byTag = [];
    private readonly Dictionary<(long Day, string User), HashSet<string>> _knownTags = [];
    private readonly List<UsageSum> _sums = [];
    private long _latestDay;

    /// <summary>The UTC day of a time, counted from 1970.</summary>
    public static long DayOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerDay;

    public void Add(AttemptEnded ended)
    {
        var day = DayOf(ended.At);
        FindSums(ended, day);
        _sums.ForEach(sum => sum.Count(ended));
        var (held, used) = (ended.Held, UsageSum.UsedBy(ended));
        var (left, end) = (held.Time, ended.At);
        while (true)
        {
            var onThisDay = end - DateTimeOffset.UnixEpoch.AddDays(day);
            var part = left < onThisDay ? left : onThisDay;
            var share = held.Time > TimeSpan.Zero ? part / held.Time : 1;
            _sums.ForEach(sum => sum.Add(held, part.TotalSeconds, used * share));
            (left, end) = (left - part, end - part);
            if (left <= TimeSpan.Zero || day == 0)
            {
                return;
            }

            FindSums(ended, --day);
        }
    }

    /// <summary>Writes what was added since the last time.</summary>
    public void Write()
    {
        Write(_nodes, _byNode);
        Write(_tags, _byTag);
    }

    public void Dispose()
    {
        _nodes.Dispose();
        _tags.Dispose();
    }

    /// <summary>The sums of a day that an attempt belongs to.</summary>
    private void FindSums(AttemptEnded ended, long day)
    {
        var held = ended.Held;
        _sums.Clear();
        _sums.Add(Find(_byNode, (day, held.User, ended.Node.Value)));
        if (held.Tags.IsEmpty)
        {
            _sums.Add(Find(_byTag, (day, held.User, "")));
        }

        foreach (var tag in held.Tags)
        {
            var sum = Find(_byTag, (day, held.User, Kept(day, held.User, tag)));

            // Several of its tags may be among the others.
            if (!_sums.Contains(sum))
            {
                _sums.Add(sum);
            }
        }
    }

    private static UsageSum Find(Dictionary<(long, string, string), UsageSum> sums, (long, string, string) key)
    {
        if (!sums.TryGetValue(key, out var sum))
        {
            sums[key] = sum = new UsageSum();
        }

        return sum;
    }

    private string Kept(long day, string user, string tag)
    {
        if (!_knownTags.TryGetValue((day, user), out var known))
        {
            Forget(day);
            known = [.. connection.Query(
                "SELECT tag FROM usage_tags WHERE day = $day AND user = $user", row => row.GetString(0), ("$day", day), ("$user", user))];
            _knownTags[(day, user)] = known;
        }

        if (known.Contains(tag))
        {
            return tag;
        }

        if (known.Count >= MostTags)
        {
            return OtherTags;
        }

        known.Add(tag);
        return tag;
    }

    /// <summary>Tags of a day are rarely asked for after the next one has begun.</summary>
    private void Forget(long day)
    {
        if (day > _latestDay)
        {
            _latestDay = day;
            foreach (var old in _knownTags.Keys.Where(k => k.Day < day - 1).ToList())
            {
                _knownTags.Remove(old);
            }
        }
    }

    private static void Write(Statement statement, Dictionary<(long Day, string User, string Name), UsageSum> sums)
    {
        foreach (var (key, sum) in sums)
        {
            statement.Set(1, key.Day).Set(2, key.User).Set(3, key.Name).Set(4, sum.Tasks).Set(5, sum.Attempts).Set(6, sum.Failures).Set(7, sum.Losses)
                .Set(8, sum.HeldSeconds).Set(9, sum.CpuSeconds).Set(10, sum.GpuSeconds).Set(11, sum.MemoryByteSeconds).Set(12, sum.UsedCpuSeconds).Run();
        }

        sums.Clear();
    }
}

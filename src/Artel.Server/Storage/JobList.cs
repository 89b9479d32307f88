using System.Globalization;
using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Lists of jobs, filtered where they lie.</summary>
internal static class JobList
{
    private const string Fits = """
        ($name = '' OR name GLOB $name) AND ($user = '' OR user GLOB $user)
        AND ($tag = '' OR instr(' ' || tags || ' ', ' ' || $tag || ' ') > 0)
        AND ($since IS NULL OR ended >= $since) AND ($until IS NULL OR ended < $until)
        """;

    public static List<StoredJob> Read(SqliteConnection connection, JobQuery query) => connection.Query(
        query.ByEnd ? ByEnd(query.States) : ByNumber(query.States),
        row => JobRow.Read(row, default),
        ("$before", query.Before.Value),
        ("$limit", query.Limit),
        ("$name", query.Name),
        ("$user", query.User),
        ("$tag", query.Tag),
        ("$since", (object?)query.EndedSince.ToMicroseconds() ?? DBNull.Value),
        ("$until", (object?)query.EndedBefore.ToMicroseconds() ?? DBNull.Value));

    /// <summary>A query for each state, so that every one follows the index in order and stops at the limit, however rare its state is.</summary>
    private static string ByNumber(IReadOnlyCollection<JobState> states)
    {
        string[] pages = states.Count == 0 ? [Page("")] : [.. states.Distinct().Select(state => Page($"AND {Is(state)}"))];
        return $"{string.Join(" UNION ALL ", pages)} ORDER BY job DESC LIMIT $limit";

        static string Page(string filter) =>
            $"SELECT * FROM (SELECT {JobRow.Columns} FROM jobs WHERE job < $before {filter} AND {Fits} ORDER BY job DESC LIMIT $limit)";
    }

    /// <summary>Jobs that ended in the same moment are in order of number. There is no index by end: of all jobs only the first few are kept while they are read.</summary>
    private static string ByEnd(IReadOnlyCollection<JobState> states)
    {
        var filter = states.Count == 0 ? "" : $"AND ({string.Join(" OR ", states.Distinct().Select(Is))})";
        return $"""
            SELECT {JobRow.Columns} FROM jobs
            WHERE ended IS NOT NULL {filter} AND {Fits}
              AND coalesce((ended, job) < (SELECT ended, job FROM jobs WHERE job = $before), true)
            ORDER BY ended DESC, job DESC LIMIT $limit
            """;
    }

    private static string Is(JobState state) => string.Create(CultureInfo.InvariantCulture, $"state = {(int)state}");
}

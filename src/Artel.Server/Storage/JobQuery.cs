using Artel.Core;

namespace Artel.Server.Storage;

/// <summary>Which jobs a list shows. What is not said restricts nothing.</summary>
internal sealed record JobQuery
{
    /// <summary>Only jobs with smaller ids; with <see cref="ByEnd"/>, only those that come after this one in that order.</summary>
    public JobId Before { get; init; } = new(long.MaxValue);

    public required int Limit { get; init; }

    /// <summary>A job not yet ended counts as Running in the store.</summary>
    public IReadOnlyCollection<JobState> States { get; init; } = [];

    /// <summary>A pattern, as of SQLite's GLOB, that the whole name fits.</summary>
    public string Name { get; init; } = "";

    /// <summary>The same of the user.</summary>
    public string User { get; init; } = "";

    /// <summary>One of the job's tags, as it is written.</summary>
    public string Tag { get; init; } = "";

    public DateTimeOffset? EndedSince { get; init; }

    public DateTimeOffset? EndedBefore { get; init; }

    /// <summary>Only ended jobs, the one that ended last first; else all, the newest first.</summary>
    public bool ByEnd { get; init; }

    /// <summary>The pattern that fits this text and no other.</summary>
    public static string Exactly(string text) =>
        string.Concat(text.Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString()));
}

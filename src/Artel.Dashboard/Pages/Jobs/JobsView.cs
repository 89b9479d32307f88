using Artel.Dashboard.Addresses;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Which jobs the list shows, and how: all of it stands in the page's address.</summary>
public sealed record JobsView
{
    /// <summary>Jobs on one page of the list.</summary>
    public const int PageSize = 50;

    /// <summary>Jobs that are taken together into groups: as many as the cluster gives at once.</summary>
    public const int MostGrouped = 1000;

    public static readonly IReadOnlyList<JobState> AllStates = [JobState.Waiting, JobState.Running, JobState.Succeeded, JobState.Failed, JobState.Cancelled];

    /// <summary>Words of the address for how long ago a job may have ended.</summary>
    public static readonly IReadOnlyList<(string Word, string Words, TimeSpan Length)> Times =
    [
        ("15m", "ended in the last 15 minutes", TimeSpan.FromMinutes(15)), ("1h", "ended in the last hour", TimeSpan.FromHours(1)),
        ("6h", "ended in the last 6 hours", TimeSpan.FromHours(6)), ("24h", "ended in the last 24 hours", TimeSpan.FromHours(24)),
        ("7d", "ended in the last 7 days", TimeSpan.FromDays(7)),
    ];

    public IReadOnlyList<JobState> States { get; init; } = [];

    /// <summary>What was typed into the search: see <see cref="NamePattern"/>.</summary>
    public string Search { get; init; } = "";

    public string User { get; init; } = "";

    public bool Mine { get; init; }

    public string Tag { get; init; } = "";

    /// <summary>A word of <see cref="Times"/>, or empty.</summary>
    public string Since { get; init; } = "";

    public bool ByEnd { get; init; }

    public JobGrouping Grouping { get; init; }

    /// <summary>Only jobs behind this one; 0: from the first.</summary>
    public long Before { get; init; }

    public bool IsFiltered => States.Count > 0 || Search.Length > 0 || User.Length > 0 || Mine || Tag.Length > 0 || Since.Length > 0;

    /// <summary>What the page will show when it has reached the address that it is on its way to.</summary>
    public static JobsView Read(PageAddress address) => Read(
        address["state"],
        address["q"],
        address["user"],
        address["mine"],
        address["tag"],
        address["since"],
        address["sort"],
        address["group"],
        address["before"]);

    /// <summary>Takes an address as people write it: what it does not know it leaves out.</summary>
    public static JobsView Read(string? state, string? search, string? user, string? mine, string? tag, string? since, string? sort, string? group, string? before) => new()
    {
        States = [.. (state ?? "").Split(',').SelectMany(word => AllStates.Where(s => StateWords.Of(s) == word)).Distinct()],
        Search = AddressRules.Text.Read(search),
        User = mine == "true" ? "" : AddressRules.Text.Read(user),
        Mine = mine == "true",
        Tag = AddressRules.Text.Read(tag),
        Since = Times.Any(t => t.Word == since) ? since! : "",
        ByEnd = sort == "ended",
        Grouping = System.Enum.GetValues<JobGrouping>().FirstOrDefault(g => WordOf(g) == group),
        Before = AddressRules.Job.Read(before) ?? 0,
    };

    private static string WordOf(JobGrouping grouping) =>
        grouping == JobGrouping.None ? "" : grouping.ToString().ToLowerInvariant();

    /// <summary>The address of the list that shows this.</summary>
    public string ToAddress()
    {
        var parts = new List<string>();
        Add("state", string.Join(',', States.Select(StateWords.Of)));
        Add("q", Search);
        Add("user", User);
        Add("mine", Mine ? "true" : "");
        Add("tag", Tag);
        Add("since", Since);
        Add("sort", ByEnd ? "ended" : "");
        Add("group", WordOf(Grouping));
        Add("before", Before == 0 ? "" : FormattableString.Invariant($"{Before}"));
        return parts.Count == 0 ? "/jobs" : $"/jobs?{string.Join('&', parts)}";

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                parts.Add($"{name}={Uri.EscapeDataString(value).Replace("%2C", ",", StringComparison.Ordinal)}");
            }
        }
    }

    /// <summary>The question to the cluster.</summary>
    public ListJobsRequest ToRequest(DateTimeOffset now)
    {
        var request = new ListJobsRequest
        {
            Limit = Grouping == JobGrouping.None ? PageSize : MostGrouped,
            Before = Grouping == JobGrouping.None ? Before : 0,
            Name = NamePattern(Search),
            User = User,
            Mine = Mine,
            Tag = Tag,
            ByEnd = ByEnd,
        };
        request.States.AddRange(States);
        if (Since.Length > 0)
        {
            request.EndedSince = Timestamp.FromDateTimeOffset(now - Times.Single(t => t.Word == Since).Length);
        }

        return request;
    }

    /// <summary>
    /// What is typed is looked for anywhere in names, unless it is a pattern already, or stands in quotes: then it is the whole name.
    /// </summary>
    public static string NamePattern(string search)
    {
        if (search.Length > 1 && search[0] == '"' && search[^1] == '"')
        {
            return Exactly(search[1..^1]);
        }

        return search.Length == 0 || search.AsSpan().ContainsAny('*', '?', '[') ? search : $"*{search}*";
    }

    /// <summary>A pattern that this text alone fits.</summary>
    public static string Exactly(string text) => string.Concat(text.Select(c => c is '*' or '?' or '[' ? $"[{c}]" : c.ToString()));
}

/// <summary>By what jobs are taken together.</summary>
public enum JobGrouping
{
    None,
    Name,
    User,
    Tag,
}

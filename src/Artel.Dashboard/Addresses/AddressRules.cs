using Artel.Dashboard.Pages.Events;
using Artel.Dashboard.Pages.Jobs;
using Artel.Dashboard.Pages.Nodes;
using Artel.Dashboard.Pages.Overview;
using Artel.Dashboard.Pages.Reports;
using Artel.Dashboard.Pages.Settings;
using Artel.Dashboard.Pages.Submit;
using Artel.Dashboard.Pages.Tasks;
using Artel.Protocol.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Artel.Dashboard.Addresses;

/// <summary>
/// What every page takes in its address. Pages take all values as text, so that the framework never parses (and
/// throws), and read them by these rules.
/// </summary>
internal static class AddressRules
{
    private const int LongestShown = 60;

    /// <summary>The number of a job, also in the path of a page.</summary>
    public static readonly NumberRule Job = new(1, long.MaxValue);

    /// <summary>The number of a task, also in the path of a page.</summary>
    public static readonly NumberRule Task = new(1, int.MaxValue);

    /// <summary>A page of a list, from 1.</summary>
    public static readonly NumberRule Page = new(1, int.MaxValue);

    /// <summary>A count, an attempt, a row, a place: from 0.</summary>
    public static readonly NumberRule Count = new(0, int.MaxValue);

    /// <summary>A byte of an output, or the position of a record.</summary>
    public static readonly NumberRule Place = new(0, long.MaxValue);

    /// <summary>Milliseconds since 1970, up to the year 9999.</summary>
    public static readonly NumberRule Moment = new(0, 253_402_300_799_999);

    public static readonly WordRule Yes = new("true");

    public static readonly TextRule Text = new();

    private static readonly Dictionary<Type, Dictionary<string, AddressRule>> Pages = new()
    {
        [typeof(OverviewPage)] = new() { ["range"] = Words(TimeRange.All.Select(r => r.Word)) },
        [typeof(JobsPage)] = new()
        {
            ["state"] = new WordsRule([.. JobsView.AllStates.Select(StateWords.Of)]),
            ["q"] = Text,
            ["user"] = Text,
            ["mine"] = Yes,
            ["tag"] = Text,
            ["since"] = Words(JobsView.Times.Select(t => t.Word)),
            ["sort"] = new WordRule("ended"),
            ["group"] = new WordRule("name", "user", "tag"),
            ["before"] = Job,
        },
        [typeof(JobPage)] = new()
        {
            ["tab"] = Words(JobTab.All.Select(t => t.Name)),
            ["from"] = Task,
            ["count"] = Task,
            ["state"] = new WordsRule([.. StateFilter.All.Select(StateWords.Of)]),
            ["after"] = Count,
            ["start"] = Moment,
            ["end"] = Moment,
            ["node"] = Text,
            ["row"] = Count,
        },
        [typeof(TaskPage)] = new()
        {
            ["attempt"] = Page,
            ["stream"] = new WordRule("stdout", "stderr", "both"),
            ["out"] = Place,
            ["err"] = Place,
            ["find"] = Text,
            ["wrap"] = new WordRule("no"),
        },
        [typeof(NodesPage)] = new()
        {
            ["view"] = new WordRule("table"),
            ["group"] = Text,
            ["q"] = Text,
            ["condition"] = Words(NodeChoice.Conditions),
            ["label"] = Text,
            ["sort"] = Words([.. NodeChoice.Sorts, "id"]),
            ["desc"] = Yes,
            ["page"] = Page,
        },
        [typeof(NodePage)] = new() { ["ran"] = Page },
        [typeof(EventsPage)] = new()
        {
            ["job"] = Job,
            ["node"] = Text,
            ["kind"] = Words([.. EventFilter.Families.Select(f => f.Word), .. EventFilter.Kinds]),
            ["text"] = Text,
            ["paused"] = Yes,
        },
        [typeof(TokensPage)] = new() { ["all"] = Yes, ["page"] = Page },
        [typeof(SchedulesPage)] = new() { ["page"] = Page },
        [typeof(UsagePage)] = new()
        {
            ["by"] = Words(UsageView.Groupings.Select(g => g.Value)),
            ["range"] = Words(UsageView.Ranges.Select(r => r.Value)),
        },
        [typeof(AuditPage)] = new()
        {
            ["user"] = Text,
            ["call"] = Text,
            ["outcome"] = Words(AuditView.Outcomes.Select(o => o.Value)),
            ["before"] = Place,
        },
        [typeof(SubmitPage)] = new() { ["job"] = Job },
    };

    /// <summary>The names that a page takes in its address.</summary>
    public static IReadOnlyDictionary<string, AddressRule> Of(Type page) =>
        Pages.TryGetValue(page, out var rules) ? rules : new Dictionary<string, AddressRule>();

    /// <summary>A line for each value in an address that its page cannot use, in the order of the address.</summary>
    public static IReadOnlyList<string> Problems(Type page, string address) =>
    [
        .. from value in QueryHelpers.ParseQuery(new Uri(address).Query)
           from rule in Of(page)
           where value.Key.Equals(rule.Key, StringComparison.OrdinalIgnoreCase)
           from text in value.Value
           where text.Length > 0 && !rule.Value.Fits(text)
           select $"The address has {rule.Key}={Shown(text)}, which is not {rule.Value.Expected}. It is ignored.",
    ];

    private static string Shown(string value) =>
        Protocol.Text.Words.Cut(Protocol.Text.Words.OneLine(value), LongestShown);

    private static WordRule Words(IEnumerable<string> words) => new([.. words.Where(w => w.Length > 0)]);
}

using Artel.Protocol.V1;

namespace Artel.Cli.Output;

/// <summary>The words of schedules, the same for people, for JSON and for options.</summary>
internal static class ScheduleWords
{
    public static readonly IReadOnlyDictionary<string, Overlap> Overlaps = new Dictionary<string, Overlap>
    {
        ["skip"] = Overlap.Skip,
        ["after"] = Overlap.After,
        ["allow"] = Overlap.Allow,
        ["replace"] = Overlap.Replace,
    };

    public static readonly IReadOnlyDictionary<string, Missed> Misseds = new Dictionary<string, Missed>
    {
        ["run"] = Missed.Run,
        ["skip"] = Missed.Skip,
    };

    public static string Of(Overlap overlap) => Overlaps.FirstOrDefault(o => o.Value == overlap).Key ?? "unknown";

    public static string Of(Missed missed) => Misseds.FirstOrDefault(m => m.Value == missed).Key ?? "unknown";

    /// <summary>What a time led to, in a line.</summary>
    public static string Of(ScheduledRun run) => run switch
    {
        { Job: 0, Reason.Length: 0 } => "being submitted",
        { Job: 0 } => run.Reason.StartsWith("refused", StringComparison.Ordinal) ? run.Reason : $"skipped: {run.Reason}",
        _ => FormattableString.Invariant($"job {run.Job} {(run.State == JobState.Running ? "is under way" : StateWords.Of(run.State))}{(run.ByHand ? ", by hand" : run.Missed ? ", late" : "")}"),
    };
}

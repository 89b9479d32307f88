using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>Why tasks wait, in words.</summary>
public static class ReasonText
{
    /// <summary>For a job: <c>18 tasks wait for 'clean': 3 of 21 have succeeded</c>.</summary>
    /// <param name="moment">How times are written.</param>
    public static string OfTasks(Reason reason, Func<DateTimeOffset, string> moment) =>
        reason.Tasks == 0
            ? $"also: {Phrase(reason, many: false, moment)}"
            : $"{Words.Tasks(reason.Tasks)} {Phrase(reason, reason.Tasks != 1, moment)}";

    /// <summary>For one task: <c>waits for 'clean': 3 of 21 have succeeded</c>.</summary>
    public static string OfTask(Reason reason, Func<DateTimeOffset, string> moment) =>
        Phrase(reason, many: false, moment);

    /// <summary>
    /// What has to be seen to before a job goes on, without numbers that change as it goes: <c>no node is connected:
    /// start one with …</c>.
    /// </summary>
    public static string Attention(Reason reason, Func<DateTimeOffset, string> moment) => reason.Kind switch
    {
        ReasonKind.Held => $"the job is held: release it with 'artel release {reason.Job}'",
        ReasonKind.AfterJob => $"the job waits for {Awaited(reason)}",
        ReasonKind.StartTime => $"the job is not to start before {Moment(reason.Until, moment)}",
        ReasonKind.Node => LackText.OfNode(reason.Node, reason.Lack, moment),
        ReasonKind.NoNode => NoNode(reason),
        ReasonKind.FitsNoNode => $"no connected node can run it: {LackText.Of(reason.Lack, moment)}",
        ReasonKind.NoNodeTakesWork => NoNodeTakesWork(reason, moment),
        _ => Phrase(reason, many: false, moment),
    };

    /// <summary>
    /// For tasks that were cancelled or skipped: <c>3 tasks were skipped: they need 'clean', which did not succeed</c>.
    /// </summary>
    /// <param name="reason">The reason of one task.</param>
    public static string OfEnd(TaskState state, string reason, long tasks)
    {
        var word = StateWords.Of(state);
        var why = reason.StartsWith(word, StringComparison.Ordinal) ? reason[word.Length..]
            : reason.Length > 0 ? $": {reason}"
            : "";
        if (tasks == 1)
            return $"{Words.Tasks(tasks)} was {word}{why}";

        why = why.Replace(": it needs ", ": they need ", StringComparison.Ordinal)
            .Replace("its job's", "their job's", StringComparison.Ordinal);
        return $"{Words.Tasks(tasks)} were {word}{why}";
    }

    /// <summary>A word or two for a list: <c>tag db 4/4</c>.</summary>
    public static string Brief(Reason reason, DateTimeOffset now) => reason.Kind switch
    {
        ReasonKind.Held => "held",
        ReasonKind.StartTime => $"starts in {In(reason.Until, now)}",
        ReasonKind.AfterJob => $"after {reason.Job}{(reason.Task > 0 ? $".{reason.Task}" : "")}",
        ReasonKind.After or ReasonKind.AfterEach => $"after {Named(reason)}",
        ReasonKind.Backoff => $"retry in {In(reason.Until, now)}",
        ReasonKind.AtOnce => $"at once {reason.Used}/{reason.Most}",
        ReasonKind.TagLimit => $"tag {reason.Tag} {reason.Used}/{reason.Most}",
        ReasonKind.Quota => $"quota {reason.Used}/{reason.Most}",
        ReasonKind.Node => $"node {reason.Node} {LackText.Word(reason.Lack)}",
        ReasonKind.List or ReasonKind.ListOrder => $"list of {reason.Node}",
        ReasonKind.NoNode => "no node",
        ReasonKind.FitsNoNode => "fits no node",
        ReasonKind.NoNodeTakesWork => $"node {LackText.Word(reason.Lack)}",
        ReasonKind.Priority => "priority",
        ReasonKind.FairShare => "fair share",
        ReasonKind.OlderJob => $"behind {reason.Job}",
        ReasonKind.Reserved => "reserved",
        ReasonKind.Room => "busy",
        ReasonKind.StartsNow => "starts",
        ReasonKind.Avoids => $"not on {reason.Avoided.FirstOrDefault()}",
        ReasonKind.Others or ReasonKind.NotExamined => "see why",
        _ => "",
    };

    /// <summary>
    /// Which nodes were looked at, what each lacks, who is ahead, and when it may start, one per line.
    /// </summary>
    public static IEnumerable<string> Details(Reason reason, DateTimeOffset now, Func<DateTimeOffset, string> moment)
    {
        if (reason.Ahead > 0)
            yield return $"{Words.Tasks(reason.Ahead)} {(reason.Ahead == 1 ? "goes" : "go")} first";

        if (reason.EstimatedStart?.ToDateTimeOffset() is { } start && start > now)
            yield return $"estimated start of the first: {moment(start)} (in {Words.Duration(start - now)}), "
                + "by how long such tasks took";

        if (reason.Nodes.Count == 0)
            yield break;

        yield return $"{Words.Count(reason.NodesLookedAt, "node was", "nodes were")} looked at:";
        foreach (var row in reason.Nodes)
        {
            var more = row.Nodes > row.Some.Count ? ", …" : "";
            yield return $"  {Words.Count(row.Nodes)}: {LackText.Of(row.Lack, moment)} ({string.Join(", ", row.Some)}{more})";
        }

        var rest = reason.NodesLookedAt - reason.Nodes.Sum(n => n.Nodes);
        if (rest > 0)
            yield return $"  {Words.Count(rest)}: other reasons";
    }

    private static string Phrase(Reason r, bool many, Func<DateTimeOffset, string> moment)
    {
        var (wait, have, them) = many ? ("wait", "have", "them") : ("waits", "has", "it");
        return r.Kind switch
        {
            ReasonKind.Held => $"{(many ? "are" : "is")} held: release the job with 'artel release {r.Job}'",
            ReasonKind.StartTime => $"{(many ? "are" : "is")} not to start before {Moment(r.Until, moment)}",
            ReasonKind.AfterJob when r.Task > 0 => $"{wait} for {Awaited(r)}, which is {StateWords.Of(r.State)}",
            ReasonKind.AfterJob =>
                $"{wait} for {Awaited(r)}: {Words.Count(r.Used)} of {Words.Tasks(r.Most)} have ended",
            ReasonKind.After =>
                $"{wait} for {Named(r)}: {Words.Count(r.Used)} of {Words.Count(r.Most)} "
                + $"have {(r.AnyOutcome ? "ended" : "succeeded")}",
            ReasonKind.AfterEach when r.State != TaskState.Unspecified =>
                $"{wait} for task {r.Job}.{r.NameFirst}{(r.Name.Length > 0 ? $" of '{r.Name}'" : "")}, "
                + $"which is {StateWords.Of(r.State)}",
            ReasonKind.AfterEach =>
                $"{wait}{(many ? " each" : "")} for the task at {(many ? "their places" : "its place")} in {Named(r)}",
            ReasonKind.Backoff => Backoff(r, many, moment),
            ReasonKind.AtOnce =>
                $"{wait} for {(many ? "their" : "its")} turn: {Named(r)} runs at most {Words.Count(r.Most)} at once, "
                + $"{Words.Count(r.Used)} do",
            ReasonKind.TagLimit =>
                $"{wait} for the limit of the tag {r.Tag}: {r.Used} of {r.Most} are running or about to "
                + $"('artel limit set {r.Tag}=N' changes it)",
            ReasonKind.Quota =>
                $"{wait}: {r.User}'s quota of {Words.Count(r.Most)} running tasks is used ('artel quota' shows it)",
            ReasonKind.Node when r.Lack.Kind == LackKind.Nothing => $"{(many ? "are" : "is")} next on node {r.Node}",
            ReasonKind.Node => $"{wait} for node {r.Node}: {LackText.OfNode(r.Node, r.Lack, moment)}",
            ReasonKind.List =>
                $"{wait} for {(many ? "their" : "its")} turn in the list of node {r.Node}, "
                + $"which runs {Words.Count(r.Most)} at once",
            ReasonKind.ListOrder => $"{wait} in the list of node {r.Node}, which keeps its order, behind {Named(r)}",
            ReasonKind.NoNode => $"{wait}: {NoNode(r)}",
            ReasonKind.FitsNoNode => $"{(many ? "fit" : "fits")} no node: {LackText.Of(r.Lack, moment)}",
            ReasonKind.NoNodeTakesWork => $"{wait}: {NoNodeTakesWork(r, moment)}",
            ReasonKind.Priority => $"{wait} behind job {r.Job}, whose priority is {r.Used}, not {r.Most}",
            ReasonKind.FairShare => $"{wait} until {r.User}, who has less running, is served (job {r.Job})",
            ReasonKind.OlderJob => $"{wait} behind job {r.Job}, which is older",
            ReasonKind.Reserved =>
                $"{wait}: node {r.Node} is kept for a larger task of job {r.Job}"
                + $"{(r.Until is null ? "" : $", which may start at {Moment(r.Until, moment)}")}",
            ReasonKind.Room => $"{wait} until a node has room for {them}",
            ReasonKind.StartsNow => $"{(many ? "are" : "is")} about to be assigned to a node",
            ReasonKind.Avoids => Avoids(r, many),
            ReasonKind.Assigned =>
                $"{(many ? "are" : "is")} assigned{Where(r)}, and {have} not started yet{Trouble(r, many, moment)}",
            ReasonKind.Running when r.Trouble == TaskTrouble.Unended =>
                $"{(many ? "were" : "was")} killed{Where(r)} and {have} not ended: {r.What}",
            ReasonKind.Running =>
                $"{(many ? "run" : "runs")}{Where(r)}{(r.Since is null ? "" : $", {(many ? "the first " : "")}since {Moment(r.Since, moment)}")}"
                + $"{Trouble(r, many, moment)}",
            ReasonKind.NotExamined =>
                $"{(many ? "were" : "was")} not looked at one by one, there are so many: "
                + "'artel why JOB.TASK' explains one",
            ReasonKind.Others => $"{wait} for {Words.Count(r.Most)} other reasons: 'artel why JOB.TASK' explains one",
            _ => $"{wait}",
        };
    }

    private static string Backoff(Reason r, bool many, Func<DateTimeOffset, string> moment)
    {
        var until = Moment(r.Until, moment);
        var last = Moment(r.UntilLast, moment);
        return many
            ? $"wait for their retries, the first until {until}{(last == until ? "" : $", the last until {last}")}"
            : $"waits for {(r.Most == 0 ? "its retry" : $"retry {r.Used} of {r.Most}")} until {until}";
    }

    private static string Avoids(Reason r, bool many)
    {
        var nodes = $"{(r.Avoided.Count == 1 ? "node" : "nodes")} {string.Join(", ", r.Avoided)}, "
            + $"where {(many ? "they" : "it")} {(r.CouldNotStart ? "could not be started" : "failed")}";
        return r.HasOther
            ? $"{(many ? "avoid" : "avoids")} {nodes}"
            : $"would avoid {nodes}, but no other node could run {(many ? "them" : "it")} now";
    }

    private static string Where(Reason r)
    {
        var preposition = r.Kind == ReasonKind.Running ? "on" : "to";
        return r.Where.Count == 0 ? ""
            : r.Where.Count == 1 && r.MoreNodes == 0 ? $" {preposition} node {r.Where[0].Node}"
            : $" {preposition} nodes {string.Join(", ", r.Where.Select(w => $"{w.Node} ({Words.Count(w.Tasks)})"))}"
                + (r.MoreNodes > 0 ? $" and {Words.Count(r.MoreNodes)} more" : "");
    }

    private static string Trouble(Reason r, bool many, Func<DateTimeOffset, string> moment) => r.Trouble switch
    {
        TaskTrouble.Disconnected => "; the node is disconnected, and may be back before it counts as lost",
        TaskTrouble.Gone => "; the node is lost or stopped",
        TaskTrouble.Draining =>
            $"; the node is draining until {Moment(r.Until, moment)}{(r.What.Length > 0 ? $" ({r.What})" : "")}: "
            + "what has not ended by then is ended and "
            + $"{(r.HasOther ? "starts again on another" : $"{(many ? "wait" : "waits")} for it to work again")}",
        TaskTrouble.Cancelled =>
            $"; {(many ? "they are" : "it is")} cancelled, and the node was asked to end {(many ? "them" : "it")}",
        _ => "",
    };

    private static string Awaited(Reason r) =>
        $"{(r.Task > 0 ? string.Create(CultureInfo.InvariantCulture, $"task {r.Job}.{r.Task}") : $"job {r.Job}")} to {(r.AnyOutcome ? "end" : "succeed")}";

    private static string NoNode(Reason r) => r.Used > 0
        ? "only classic nodes are connected, which take what a map assigns to them: start another with 'artel node start'"
        : "no node is connected: start one with 'artel node start'";

    private static string NoNodeTakesWork(Reason r, Func<DateTimeOffset, string> moment) =>
        r.Most == 1 ? LackText.OfNode(r.Node, r.Lack, moment)
        : r.Lack.Kind == LackKind.Draining ? $"all nodes that could run it are draining{(r.Lack.What.Length > 0 ? $" ({r.Node}: {r.Lack.What})" : "")}"
        : $"none of the {Words.Count(r.Most)} nodes that could run it takes work now; {LackText.OfNode(r.Node, r.Lack, moment)}";

    private static string Named(Reason r) =>
        r.Name.Length > 0 ? $"'{r.Name}'"
        : r.NameFirst == r.NameLast ? $"task {r.NameFirst}"
        : $"tasks {r.NameFirst}-{r.NameLast}";

    private static string Moment(Google.Protobuf.WellKnownTypes.Timestamp? time, Func<DateTimeOffset, string> moment) =>
        time is null ? "?" : moment(time.ToDateTimeOffset());

    private static string In(Google.Protobuf.WellKnownTypes.Timestamp? time, DateTimeOffset now)
    {
        var left = time is null ? TimeSpan.Zero : time.ToDateTimeOffset() - now;
        return left.TotalSeconds < 60
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(left.TotalSeconds)):0} s")
            : Words.Duration(left);
    }
}

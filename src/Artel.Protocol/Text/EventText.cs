using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>Events as lines for people: when, of what, what happened.</summary>
public static class EventText
{
    public static string Of(Event e)
    {
        var at = (e.At?.ToDateTimeOffset() ?? default).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var of = e.Job > 0 ? FormattableString.Invariant($"job {e.Job}") : e.Node.Length > 0 ? $"node {e.Node}" : e.Kind == EventKind.QuotaSet ? "quota" : "limit";
        var detail = e.Hidden ? $": {JobText.Hidden}" : e.Detail.Length > 0 ? $": {Words.OneLine(e.Detail)}" : "";
        return FormattableString.Invariant($"{at}  {e.Position,7}  {of,-12}  {What(e)}{detail}");
    }

    /// <summary>What happened, without when and to whom: <c>tasks 3-7 failed on node 2</c>.</summary>
    public static string What(Event e)
    {
        var tasks = e.Tasks.All(char.IsAsciiDigit) ? $"task {e.Tasks}" : $"tasks {e.Tasks}";
        var where = e.Job > 0 && e.Node.Length > 0 ? $" on node {e.Node}" : "";
        return e.Kind switch
        {
            EventKind.TasksSucceeded or EventKind.TasksFailed or EventKind.TasksCancelled or EventKind.TasksSkipped or EventKind.TasksRetried =>
                $"{tasks} {WordOf(e.Kind).Split('_')[1]}{where}",
            EventKind.AttemptFailed or EventKind.AttemptLost or EventKind.AttemptMoved => $"{tasks} {WordOf(e.Kind).Split('_')[1]}{where}, and goes on",
            EventKind.JobSubmitted => $"submitted, {(e.Tasks.Length > 0 ? tasks : "no tasks")}",
            EventKind.JobPriorityChanged => "has another priority",
            EventKind.JobRevised => "has other terms for what has not started",
            EventKind.LimitSet => e.Detail.EndsWith('=') ? "taken away" : "set",
            var kind => WordOf(kind).Split('_')[1],
        };
    }

    /// <summary>The kind as JSON says it: <c>tasks_failed</c>.</summary>
    public static string WordOf(EventKind kind)
    {
        var name = kind.ToString();
        return string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
    }
}

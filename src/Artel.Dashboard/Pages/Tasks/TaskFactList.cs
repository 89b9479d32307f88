using System.Globalization;
using Artel.Protocol.Text;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>What is known of a task beside its command and its attempts, as names and values; only what there is.</summary>
internal static class TaskFactList
{
    private const int LongestEntry = 400;

    public static IEnumerable<(string Name, string Value)> Of(V1.Task task)
    {
        if (task.Name.Length > 0)
            yield return ("name", task.Name);

        if (task.HasIndex)
            yield return ("index", task.Index.ToString(CultureInfo.InvariantCulture));

        if (task.HasEntry)
            yield return ("entry", Words.Cut(task.Entry, LongestEntry));

        yield return ("folder", Folder(task));
        if (task.AssignedNode.Length > 0)
            yield return ("list of", $"node {task.AssignedNode}");

        if (NeedsText.Of(task.Needs, task.AssignedNode.Length > 0) is { Length: > 0 } needs)
            yield return ("needs", needs);

        if (task.Labels.Count > 0)
            yield return ("labels", string.Join(", ", task.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")));

        if (task.After.Count > 0)
            yield return ("after", string.Join(", ", task.After.Select(After)));

        if (task.Timeout is { } timeout)
            yield return ("timeout", Words.Duration(timeout.ToTimeSpan()));

        yield return ("retries", Retries(task));
        if (task.AvoidedNodes.Count > 0)
            yield return ("avoids", string.Join(", ", task.AvoidedNodes));
    }

    private static string Folder(V1.Task task) =>
        task.Scratch ? "a fresh one, removed afterwards" : task.Cwd.Length > 0 ? task.Cwd : "the node agent's own";

    private static string After(V1.Dependency after) =>
        $"{after.Name}{(after.Each ? " (element by element)" : "")}{(after.AnyOutcome ? " (however it ends)" : "")}";

    private static string Retries(V1.Task task) => task.Failures > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{task.Failures} of {task.Retries} used")
        : task.Retries.ToString(CultureInfo.InvariantCulture);
}

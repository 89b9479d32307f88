namespace Artel.Dashboard.Pages.Nodes;

/// <summary>Where things are that a node's page leads to.</summary>
internal static class NodeLinks
{
    public static string To(string node) => $"/nodes/{Uri.EscapeDataString(node)}";

    public static string ToTask(long job, int task) => FormattableString.Invariant($"/jobs/{job}/tasks/{task}");
}

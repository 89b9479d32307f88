using Artel.Cli.Output;
using Artel.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Progress;

/// <summary>The live picture of a job: a bar for each node and one over all, with counts, rate and the time that is left.</summary>
internal sealed class ProgressPicture(TimeProvider clock) : IPicture
{
    private const int LongestName = 24;
    private const int LongestUnsuccessful = 24;
    private static readonly Style Dim = new(decoration: Decoration.Dim);

    private readonly RateMeter _overall = new(clock);
    private readonly Dictionary<string, RateMeter> _nodes = new(StringComparer.Ordinal);
    private Job _job = new();

    public void Update(Job job)
    {
        _job = job;
        _overall.Add(JobText.Ended(job.Counts), JobText.IsAtWork(job));
        foreach (var node in job.Nodes)
        {
            if (!_nodes.TryGetValue(node.Node, out var meter))
                _nodes[node.Node] = meter = new RateMeter(clock);

            meter.Add(node.Assigned > 0 ? node.AssignedEnded : node.Succeeded, node.Running > 0);
        }
    }

    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal: of many nodes those that are at work are shown, the rest is counted.</param>
    public IRenderable Draw(int width, int height)
    {
        var counts = _job.Counts ?? new TaskCounts();
        var ended = JobText.Ended(counts);
        // On a narrow terminal the rate goes first, then the bars: counts are said anywhere.
        var shape = new Shape(Math.Clamp(width - 78, 10, 40), width >= 56, width >= 84);
        var grid = new Grid();
        for (var i = 0; i < shape.Columns; i++)
        {
            var gap = i == shape.Columns - 1 ? 0 : shape.Gap;
            grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, gap, 0) });
        }

        var room = Math.Max(1, height - 5);
        var shown = _job.Nodes.Count <= room
            ? (IEnumerable<NodeProgress>)_job.Nodes
            : _job.Nodes.OrderByDescending(n => n.Running).ThenByDescending(n => n.Assigned - n.AssignedEnded).Take(room - 1).OrderBy(n => n.Node, StringComparer.Ordinal);
        foreach (var node in shown)
            AddNode(grid, shape, node, counts.Total);

        if (_job.Nodes.Count > room)
            grid.AddRow(new Text(Words.Count(_job.Nodes.Count - room + 1, "more node", "more nodes"), Dim));

        shape.AddRow(
            grid,
            new Text(FormattableString.Invariant($"job {_job.Id}"), new Style(decoration: Decoration.Bold)),
            Bar(ended, counts.Failed, counts.Total, shape.BarWidth),
            $"{Words.Count(ended)}/{Words.Count(counts.Total)}",
            ProgressText.Percent(ended, counts.Total),
            ProgressText.RateAndRest(_overall, counts.Total - ended),
            Unsuccessful(counts, isShort: !shape.HasRate));
        return _job.Attention.Count == 0
            ? grid
            : new Rows(grid, new Text($"! {Terminal.Plain(_job.Attention[0])}", new Style(Color.Yellow)));
    }

    private void AddNode(Grid grid, Shape shape, NodeProgress node, int total)
    {
        // Without a list of its own a node has no end of its own: its bar is its share of the job.
        var (done, all) = node.Assigned > 0 ? (node.AssignedEnded, node.Assigned) : (node.Succeeded, total);
        shape.AddRow(
            grid,
            new Text($"node {Words.Cut(Terminal.Plain(node.Node), LongestName)}"),
            Bar(done, 0, all, shape.BarWidth),
            node.Assigned > 0 ? $"{Words.Count(done)}/{Words.Count(all)}" : Words.Count(done),
            node.Assigned > 0 ? ProgressText.Percent(done, all) : "",
            node.Running > 0 ? ProgressText.RateAndRest(_nodes[node.Node], node.Assigned > 0 ? all - done : 0) : "",
            new Text(
                node.FailedAttempts > 0 ? $"{Words.Count(node.FailedAttempts)} failed" : "", new Style(Color.Yellow)));
    }

    /// <summary>How many tasks failed, were cancelled or were skipped; only the first of these if short.</summary>
    public static Text Unsuccessful(TaskCounts counts, bool isShort)
    {
        var text = JobText.NotSucceeded(counts);
        var style = new Style(counts.Failed > 0 ? Color.Red : Color.Yellow);
        return new Text(isShort ? text.Split(',')[0] : Words.Cut(text, LongestUnsuccessful), style);
    }

    /// <summary>
    /// A bar that can be read without colours: done, failed and left are drawn with different characters.
    /// </summary>
    public static Paragraph Bar(long done, long bad, long all, int width)
    {
        var filled = all == 0 ? width : (int)(done * width / all);
        // One bad task of a million is still seen.
        var red = bad == 0 ? 0 : Math.Clamp((int)(bad * width / Math.Max(1, all)), 1, Math.Max(1, filled));
        var green = Math.Max(0, filled - red);
        return new Paragraph()
            .Append(new string('━', green), new Style(Color.Green))
            .Append(new string('╳', red), new Style(Color.Red))
            .Append(new string('─', Math.Max(0, width - green - red)), new Style(Color.Grey23));
    }

    /// <summary>Which columns there are.</summary>
    private readonly record struct Shape(int BarWidth, bool HasBar, bool HasRate)
    {
        public int Gap => HasBar ? 2 : 1;

        public int Columns => 4 + (HasBar ? 1 : 0) + (HasRate ? 1 : 0);

        public void AddRow(Grid grid, IRenderable name, IRenderable bar, string count, string percent, string rate, IRenderable bad)
        {
            List<IRenderable> cells = [name, new Text(count) { Justification = Justify.Right }, new Text(percent) { Justification = Justify.Right }, bad];
            if (HasRate)
                cells.Insert(3, new Text(rate, Dim));

            if (HasBar)
                cells.Insert(1, bar);

            grid.AddRow([.. cells]);
        }
    }
}

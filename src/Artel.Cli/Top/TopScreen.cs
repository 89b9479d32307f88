using Artel.Cli.Output;
using Artel.Cli.Progress;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Top;

/// <summary>Draws pictures of the cluster, and knows the rates between them.</summary>
internal sealed class TopScreen(TimeProvider clock)
{
    private const int LongestName = 24;
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Marked = new(decoration: Decoration.Invert);
    private static readonly Style Bold = new(decoration: Decoration.Bold);

    private readonly Dictionary<long, RateMeter> _meters = [];

    /// <summary>Notes a new picture, for the rates.</summary>
    public void Add(ClusterPicture picture)
    {
        foreach (var job in picture.Jobs)
        {
            if (!_meters.TryGetValue(job.Id, out var meter))
                _meters[job.Id] = meter = new RateMeter(clock);

            meter.Add(JobText.Ended(job.Counts), JobText.IsAtWork(job));
        }

        foreach (var gone in _meters.Keys.Except(picture.Jobs.Select(j => j.Id)).ToList())
            _meters.Remove(gone);
    }

    /// <param name="trouble">Why the picture is old; empty: it is not.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines that may be used.</param>
    /// <param name="state">Null: nobody presses keys, so nothing is marked and all rows are shown.</param>
    public IRenderable Draw(ClusterPicture picture, TopRows rows, TopState? state, string address, string trouble, int width, int height)
    {
        var lines = new List<IRenderable> { new Text(Short(Summary(picture, address), width), Bold) };
        if (trouble.Length > 0)
            lines.Add(new Text(Short(trouble, width), new Style(Color.Red)));

        // Each list has a head and a blank line before it; what the others do not need, the next one gets.
        var room = Math.Max(3, height - lines.Count - 11);
        var nodes = Math.Min(rows.Nodes.Count, Math.Max(1, room / 3));
        var jobs = Math.Min(rows.Jobs.Count, Math.Max(1, (room - nodes) / 2));
        var tasks = Math.Min(rows.Tasks.Count, Math.Max(1, room - nodes - jobs));
        lines.Add(Text.Empty);
        lines.Add(Nodes(rows, state, nodes, width));
        lines.Add(Text.Empty);
        lines.Add(Jobs(rows, state, jobs, width));
        lines.Add(Text.Empty);
        lines.Add(Tasks(picture, rows, state, tasks, width));
        if (state is not null)
        {
            lines.Add(Text.Empty);
            lines.Add(new Text(Short(state.Prompt ?? Keys(state, width), width), state.Prompt is null ? Dim : new Style(Color.Yellow)));
        }

        return new Rows(lines);
    }

    private string Summary(ClusterPicture picture, string address)
    {
        var status = picture.Status;
        var running = status.ActiveTasks?.Running ?? 0;
        var rate = _meters.Values.Sum(m => m.PerSecond);
        return $"artel at {address}  {Words.Count(status.NodesConnected, "node", "nodes")}{(status.NodesKnown > status.NodesConnected ? $" of {status.NodesKnown}" : "")}"
            + $"  {Words.Count(status.JobsActive, "job", "jobs")}  {Words.Count(running)} running"
            + $"{(rate > 0 ? $"  {ProgressText.Rate(rate)}" : "")}  {clock.GetLocalNow():HH:mm:ss}";
    }

    private static string Keys(TopState state, int width) => width < 76
        ? "tab: list  s: sort  /: filter  l: logs  c: cancel  q: quit"
        : $"tab: list  s: sort ({state.Order})  /: filter{(state.Filter.Length > 0 ? $" ({state.Filter})" : "")}  l: logs  c: cancel  q: quit";

    private Grid Nodes(TopRows rows, TopState? state, int room, int width)
    {
        var isWide = width >= 76;
        var grid = Columns(isWide ? 7 : 5);
        Head(grid, state?.List == TopList.Nodes, isWide ? ["node", "link", "load", "running", "backlog", "cpus", "note"] : ["node", "link", "load", "running", "cpus"]);
        var from = From(rows.Nodes.Count, room, state, TopList.Nodes);
        foreach (var (node, i) in rows.Nodes.Skip(from).Take(room).Select((n, i) => (n, i + from)))
        {
            var style = StyleOf(state, TopList.Nodes, i);
            List<IRenderable> cells =
            [
                Cell(Words.Cut(node.Id, LongestName), style),
                Cell(LinkOf(node), style ?? StateColors.Of(node.Condition)),
                LoadBar(node),
                Right(Words.Count(node.Running), style),
                Right(node.Kind == "native" ? Thousandths.Format(node.Resources?.MilliCpus ?? 0) : "", style),
            ];
            if (isWide)
            {
                cells.Insert(4, Right(Words.Count(node.Backlog), style));
                cells.Add(Cell(node.Problem.Length > 0 ? Words.Cut(node.Problem, 20) : HeardOf(node), style));
            }

            grid.AddRow([.. cells]);
        }

        More(grid, rows.Nodes.Count - room, isWide ? 7 : 5);
        return grid;
    }

    private Grid Jobs(TopRows rows, TopState? state, int room, int width)
    {
        var isWide = width >= 76;
        var grid = Columns(isWide ? 7 : 5);
        Head(grid, state?.List == TopList.Jobs, isWide ? ["job", "user", "state", "", "done", "running", "rate"] : ["job", "state", "", "done", "running"]);
        var from = From(rows.Jobs.Count, room, state, TopList.Jobs);
        foreach (var (job, i) in rows.Jobs.Skip(from).Take(room).Select((j, i) => (j, i + from)))
        {
            var style = StyleOf(state, TopList.Jobs, i);
            var counts = job.Counts ?? new TaskCounts();
            var ended = JobText.Ended(counts);
            List<IRenderable> cells =
            [
                Cell(FormattableString.Invariant($"{job.Id} {Words.Cut(Terminal.Plain(job.Name), width >= 100 ? LongestName : 12)}"), style),
                Cell(job.Held ? "held" : StateWords.Of(job.State), style ?? StateColors.Of(job.State)),
                ProgressPicture.Bar(ended, ended - counts.Succeeded, counts.Total, width >= 100 ? 20 : 8),
                Right($"{Words.Count(ended)}/{Words.Count(counts.Total)}", style),
                Right(Words.Count(counts.Running), style),
            ];
            if (isWide)
            {
                cells.Insert(1, Cell(Words.Cut(Terminal.Plain(job.User), 10), style));
                cells.Add(Cell(_meters.TryGetValue(job.Id, out var meter) ? ProgressText.RateAndRest(meter, counts.Total - ended).Replace(" left", "", StringComparison.Ordinal) : "", style));
            }

            grid.AddRow([.. cells]);
        }

        More(grid, rows.Jobs.Count - room, isWide ? 7 : 5);
        return grid;
    }

    private Grid Tasks(ClusterPicture picture, TopRows rows, TopState? state, int room, int width)
    {
        var names = picture.Jobs.ToDictionary(j => j.Id, j => j.Name);
        var grid = Columns(4);
        Head(grid, state?.List == TopList.Tasks, ["task", "node", "for", "job"]);
        var from = From(rows.Tasks.Count, room, state, TopList.Tasks);
        foreach (var (task, i) in rows.Tasks.Skip(from).Take(room).Select((t, i) => (t, i + from)))
        {
            var style = StyleOf(state, TopList.Tasks, i);
            grid.AddRow(
                Cell(task.ToString(), style),
                Cell(Words.Cut(task.Node, LongestName), style),
                Right(task.Started is { } since ? Words.Duration(clock.GetUtcNow() - since) : "", style),
                Cell(Words.Cut(Terminal.Plain(names.GetValueOrDefault(task.Job, "")), Math.Max(8, width - 50)), style));
        }

        More(grid, rows.Tasks.Count - room, 4);
        return grid;
    }

    /// <summary>When it was heard last, where that is some time ago.</summary>
    private string HeardOf(WireNode node) => node.LastHeartbeat is null || node.Condition == NodeCondition.Connected ? "" : Words.Ago(node.LastHeartbeat.ToDateTimeOffset(), clock.GetUtcNow());

    private static string LinkOf(WireNode node) =>
        node.Problem.Length > 0 ? "no work" : node.Draining ? "draining" : StateWords.Of(node.Condition);

    private static Paragraph LoadBar(WireNode node)
    {
        const int Width = 10;
        var filled = TopRows.LoadOf(node) is { } load ? (int)Math.Clamp(Math.Round(load * Width), 0, Width) : 0;
        return new Paragraph().Append(new string('■', filled), new Style(Color.Green)).Append(new string('·', Width - filled), Dim);
    }

    private static Grid Columns(int count)
    {
        var grid = new Grid();
        for (var i = 0; i < count; i++)
            grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, i == count - 1 ? 0 : 2, 0) });

        return grid;
    }

    private static void Head(Grid grid, bool hasKeys, string[] names) =>
        grid.AddRow([.. names.Select((n, i) => (IRenderable)new Text(i == 0 && hasKeys ? $"> {n}" : n, i == 0 && hasKeys ? Bold : Dim))]);

    private static void More(Grid grid, int count, int columns)
    {
        if (count > 0)
            grid.AddRow([new Text($"{Words.Count(count)} more", Dim), .. Enumerable.Repeat<IRenderable>(Text.Empty, columns - 1)]);
    }

    /// <summary>The first row that is shown, so that the marked one is among them.</summary>
    private static int From(int count, int room, TopState? state, TopList list) =>
        state?.List == list && state.Row >= room ? Math.Min(state.Row - room + 1, Math.Max(0, count - room)) : 0;

    private static Style? StyleOf(TopState? state, TopList list, int row) => state?.List == list && state.Row == row ? Marked : default(Style?);

    private static Text Cell(string text, Style? style) => new(Terminal.Plain(text), style ?? Style.Plain);

    private static Text Right(string text, Style? style) => new(text, style ?? Style.Plain) { Justification = Justify.Right };

    private static string Short(string text, int width) => Words.Cut(Terminal.Plain(text), Math.Max(10, width));
}

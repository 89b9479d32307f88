using Artel.Cli.Output;
using Artel.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Progress;

/// <summary>The live picture of several jobs: a bar for each that has not ended, and a line over all.</summary>
internal sealed class JobsPicture(TimeProvider clock, IReadOnlyList<long> ids) : IPicture
{
    private const int LongestName = 20;
    private static readonly Style Dim = new(decoration: Decoration.Dim);

    private readonly Dictionary<long, (Job Job, RateMeter Meter)> _jobs = [];

    public void Update(Job job)
    {
        var meter = _jobs.TryGetValue(job.Id, out var known) ? known.Meter : new RateMeter(clock);
        meter.Add(JobText.Ended(job.Counts), JobText.IsAtWork(job));
        _jobs[job.Id] = (job, meter);
    }

    public IRenderable Draw(int width, int height)
    {
        var open = ids.Where(id => _jobs.TryGetValue(id, out var j) && !JobText.HasEnded(j.Job.State)).Select(id => _jobs[id]).ToList();
        var room = Math.Max(1, height - 3);
        // On a narrow terminal the rate goes first, then the bar: counts are said anywhere.
        var (hasBar, hasRate) = (width >= 56, width >= 76);
        var bar = Math.Clamp(width - 64, 6, 40);
        var columns = 4 + (hasBar ? 1 : 0) + (hasRate ? 1 : 0);
        var grid = new Grid();
        for (var i = 0; i < columns; i++)
            grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, i == columns - 1 ? 0 : 2, 0) });

        foreach (var (job, meter) in open.Take(room))
        {
            var counts = job.Counts ?? new TaskCounts();
            var ended = JobText.Ended(counts);
            List<IRenderable> cells =
            [
                new Text(FormattableString.Invariant($"{job.Id} {Words.Cut(Terminal.Plain(job.Name), hasBar ? LongestName : 8)}")),
                new Text($"{Words.Count(ended)}/{Words.Count(counts.Total)}") { Justification = Justify.Right },
                new Text(ProgressText.Percent(ended, counts.Total)) { Justification = Justify.Right },
                ProgressPicture.Unsuccessful(counts, isShort: true),
            ];
            if (hasRate)
                cells.Insert(3, new Text(job.Held ? "held" : ProgressText.RateAndRest(meter, counts.Total - ended), Dim));

            if (hasBar)
                cells.Insert(1, ProgressPicture.Bar(ended, counts.Failed, counts.Total, bar));

            grid.AddRow([.. cells]);
        }

        var rest = open.Count > room ? $", {Words.Count(open.Count - room)} not shown" : "";
        return new Rows(grid, new Text($"{Words.Count(ids.Count - open.Count)} of {Words.Count(ids.Count, "job", "jobs")} ended{rest}", Dim));
    }
}

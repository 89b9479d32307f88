using Artel.Cli.Results;
using Artel.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Artel.Cli.Progress;

/// <summary>The live picture of a fetch: how many of the tasks that are to be written are.</summary>
/// <param name="clock">For the rate.</param>
/// <param name="results">Counts what is written; it is read here while another thread writes.</param>
/// <param name="total">Tasks that are to be written.</param>
internal sealed class FetchPicture(TimeProvider clock, ResultsFolder results, long total) : IPicture
{
    private readonly RateMeter _meter = new(clock);

    /// <summary>Nothing of the job: what is counted is what has arrived.</summary>
    public void Update(Job job)
    {
    }

    public IRenderable Draw(int width, int height)
    {
        var written = Math.Min(results.Tasks, total);
        _meter.Add(written);
        var words = $"  {Words.Count(written)}/{Words.Tasks(total)}  {ProgressText.Percent(written, total)}  {ProgressText.RateAndRest(_meter, total - written)}";
        return ProgressPicture.Bar(written, 0, total, Math.Clamp(width - words.Length - 1, 0, 40)).Append(Words.Cut(words, Math.Max(1, width - 1))).Overflow(Overflow.Crop);
    }
}

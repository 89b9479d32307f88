using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>
/// Reports outputs that were cut because their task wrote more than its limit: the first few one by one, and the total.
/// </summary>
/// <param name="tell">Gets lines for people. The bytes of the output are not changed.</param>
/// <param name="streams">The streams that are shown; null means both.</param>
/// <param name="wants">True if the task of this number is shown; null means that all are.</param>
internal sealed class CutReport(
    Action<string> tell, IReadOnlyCollection<WireStream>? streams = null, Func<int, bool>? wants = null) : IResultSink
{
    private const int MostLines = 10;

    /// <summary>Outputs that were cut, each stream of a task counted by itself.</summary>
    public long Count { get; private set; }

    /// <summary>The total in a sentence; null if nothing was cut.</summary>
    public string? Summary => Count == 0
        ? null
        : $"{Words.Count(Count, "output was", "outputs were")} cut at the limit of the task: --output-limit SIZE, or "
            + "output_limit in a map, keeps more.";

    public void Begin(WireTask task)
    {
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data)
    {
    }

    public void Complete(WireTask task)
    {
        if (wants?.Invoke(task.Number) != false && JobText.LastAttempt(task) is { } attempt)
            Add(task, attempt);
    }

    public void Abandon()
    {
    }

    public void Add(WireTask task, Attempt attempt)
    {
        Add(task, "standard output", WireStream.Stdout, attempt.Stdout);
        Add(task, "standard error", WireStream.Stderr, attempt.Stderr);
    }

    private void Add(WireTask task, string name, WireStream stream, OutputInfo? info)
    {
        if (!OutputCut.IsCut(info) || streams?.Contains(stream) == false)
            return;

        Count++;
        if (Count <= MostLines)
            tell($"{name} of task {JobText.TaskId(task)} was cut: {OutputCut.Describe(info)}");
        else if (Count == MostLines + 1)
            tell("more outputs were cut: 'artel show JOB.TASK' has the sizes of each");
    }
}

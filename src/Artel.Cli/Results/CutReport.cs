using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>Says which outputs are kept only in part, because their task wrote more than its limit: the first few one by one, all as a sum.</summary>
/// <param name="tell">For a line for people. The bytes of the output are never touched.</param>
/// <param name="streams">Those that are shown; null: both.</param>
/// <param name="wants">Whether a task of this number is shown; null: each one.</param>
internal sealed class CutReport(Action<string> tell, IReadOnlyCollection<WireStream>? streams = null, Func<int, bool>? wants = null) : IResultSink
{
    private const int MostLines = 10;

    /// <summary>Outputs that were cut, both streams of a task counted apart.</summary>
    public long Count { get; private set; }

    /// <summary>What a summary says; null if nothing was cut.</summary>
    public string? Summary => Count == 0
        ? null
        : $"{Words.Count(Count, "output was", "outputs were")} cut at the limit of the task: --output-limit SIZE, or output_limit in a map, keeps more.";

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

using Artel.Cli.Json;
using Artel.Cli.Output;

namespace Artel.Cli.Results;

/// <summary>Prints output of tasks as <c>artel logs</c> does: as bytes, or as JSON lines.</summary>
internal interface IOutputPrinter
{
    /// <summary>Says whose output follows, where there are several tasks.</summary>
    void Head(WireTask task);

    /// <summary>May be called for both streams of a task at the same time.</summary>
    void Print(int task, int attempt, WireStream stream, ReadOnlySpan<byte> data);

    /// <summary>Nothing more of this task.</summary>
    void End(int task);
}

/// <summary>Byte for byte: standard output to <paramref name="output"/>, standard error to <paramref name="error"/>.</summary>
/// <param name="hasHeads">True if a heading comes before the output of each task.</param>
internal sealed class RawOutput(Stream output, Stream error, Terminal terminal, bool hasHeads = true) : IOutputPrinter
{
    public void Head(WireTask task)
    {
        if (!hasHeads)
            return;

        var node = JobText.NodeOf(task);
        terminal.Note($"==> {JobText.TaskId(task)} {StateWords.Of(task.State)}{(node.Length > 0 ? $" on {node}" : "")} <==");
    }

    public void Print(int task, int attempt, WireStream stream, ReadOnlySpan<byte> data)
    {
        var to = stream == WireStream.Stderr ? error : output;
        to.Write(data);
        to.Flush();
    }

    public void End(int task)
    {
    }
}

/// <summary>A line for each piece, its bytes as base64.</summary>
internal sealed class JsonOutput(long job, TextWriter to) : IOutputPrinter
{
    private readonly Lock _lock = new();

    public void Head(WireTask task)
    {
    }

    public void Print(int task, int attempt, WireStream stream, ReadOnlySpan<byte> data)
    {
        var name = stream == WireStream.Stderr ? "stderr" : "stdout";
        var line = ArtelJson.Write(new OutputJson(job, task, attempt, name, data.ToArray()), j => j.OutputJson, indented: false);
        lock (_lock)
            to.WriteLine(line);
    }

    public void End(int task)
    {
    }
}

/// <summary>Prints the output of ended tasks one after another.</summary>
internal sealed class PrintingSink(IOutputPrinter printer, IReadOnlyCollection<WireStream> streams) : IResultSink
{
    private WireTask? _task;

    public void Begin(WireTask task)
    {
        _task = task;
        printer.Head(task);
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data)
    {
        if (streams.Contains(stream))
            printer.Print(_task!.Number, _task.AttemptCount, stream, data);
    }

    public void Complete(WireTask task) => printer.End(task.Number);

    public void Abandon()
    {
    }
}

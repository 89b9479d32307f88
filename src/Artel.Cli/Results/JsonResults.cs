using System.Globalization;
using Artel.Cli.Json;
using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>
/// What <c>run --json</c> prints: one object, written as the tasks end, so that a large job needs no memory for it.
/// </summary>
internal sealed class JsonResults(TextWriter to) : IResultSink
{
    private bool _first = true;

    public void Open(long job, string? results)
    {
        var folder = results is null ? "null" : $"\"{System.Text.Json.JsonEncodedText.Encode(results, ArtelJson.OneLine.Options.Encoder)}\"";
        to.Write(string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{job},\"results\":{folder},\"tasks\":["));
    }

    public void Begin(WireTask task)
    {
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data)
    {
    }

    public void Complete(WireTask task)
    {
        to.Write(_first ? "\n" : ",\n");
        _first = false;
        to.Write(ArtelJson.Write(TaskJson.Of(task), j => j.TaskJson, indented: false));
    }

    public void Abandon()
    {
    }

    /// <param name="job">As it ended; null where the run was left before.</param>
    /// <param name="exitStatus">With which this program ends.</param>
    public void Close(Job? job, int exitStatus)
    {
        var last = job is null ? "null" : ArtelJson.Write(JobJson.Of(job), j => j.JobJson, indented: false);
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n],\"job\":{last},\"exit_status\":{exitStatus}}}"));
        to.Flush();
    }
}

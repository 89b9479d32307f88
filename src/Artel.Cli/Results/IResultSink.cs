namespace Artel.Cli.Results;

/// <summary>
/// Takes ended tasks one after another: Begin, the data of its streams in pieces, then Complete; or Abandon, where the connection
/// broke on the way and the same task will come again. Used by one thread at a time.
/// </summary>
internal interface IResultSink
{
    void Begin(WireTask task);

    void Write(WireStream stream, ReadOnlySpan<byte> data);

    /// <summary>All of the task has arrived. Its result counts only from here.</summary>
    void Complete(WireTask task);

    void Abandon();
}

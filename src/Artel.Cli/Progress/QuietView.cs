using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Progress;

/// <summary>Of a command whose output is shown: nothing but that, and what keeps it from starting.</summary>
internal sealed class QuietView(Terminal terminal) : IRunView
{
    private string _told = "";

    public void Update(Job job)
    {
        // Said when it changes: a command that waits for a node for ever should not look as if it ran.
        var attention = job.Attention.Count == 0 ? "" : job.Attention[0];
        if (attention.Length > 0 && attention != _told)
            terminal.Warn(attention);

        _told = attention;
    }

    public void Ended(WireTask task)
    {
    }

    public void Note(string line) => terminal.Note(line);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

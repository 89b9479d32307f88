using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Progress;

/// <summary>Of a command whose output is shown: nothing but that, what keeps it from starting, and what did not succeed.</summary>
/// <param name="terminal">Where it is said.</param>
/// <param name="tellsTasks">Whether tasks that did not succeed are told, up to a bound.</param>
internal sealed class QuietView(Terminal terminal, bool tellsTasks) : IRunView
{
    private const int MostTaskLines = 50;

    private readonly Lock _lock = new();
    private int _lines;
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
        if (!tellsTasks || task.State == TaskState.Succeeded)
            return;

        lock (_lock)
        {
            if (_lines++ < MostTaskLines)
                terminal.Fail(ProgressText.Ended(task));
        }
    }

    public void Note(string line) => terminal.Note(line);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

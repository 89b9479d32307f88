using System.Globalization;
using Artel.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Artel.Cli.Nodes;

/// <summary>What a node agent says, as short lines for people: the time, and what happened.</summary>
internal sealed class NodeLog(Terminal terminal, TimeProvider clock, LogLevel least) : ILogger
{
    private readonly Lock _lock = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        var mark = logLevel >= LogLevel.Warning ? "! " : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetLocalNow():HH:mm:ss} {mark}{formatter(state, exception)}");
        lock (_lock)
            terminal.Note(exception is null ? line : $"{line}: {exception.Message}");
    }
}

using System.Globalization;
using Artel.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Artel.Cli.Nodes;

/// <summary>What a node agent says: short lines for people, with the time and what happened, or objects for programs.</summary>
internal sealed class NodeLog(Terminal terminal, TimeProvider clock, LogLevel least, LogFormat format) : ILogger
{
    private readonly Lock _lock = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        var message = formatter(state, exception);
        var line = format == LogFormat.Json
            ? JsonLogLine.Write(clock.GetUtcNow(), logLevel, eventId, message, state as IReadOnlyList<KeyValuePair<string, object?>>, exception)
            : Line(logLevel, message, exception);
        lock (_lock)
            terminal.Note(line);
    }

    private string Line(LogLevel level, string message, Exception? exception)
    {
        var mark = level >= LogLevel.Warning ? "! " : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetLocalNow():HH:mm:ss} {mark}{message}");
        return exception is null ? line : $"{line}: {exception.Message}";
    }
}

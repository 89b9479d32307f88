using System.Collections.Concurrent;
using System.Globalization;
using Artel.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Artel.Cli.Nodes;

/// <summary>
/// The log of a node agent: short lines for people, with the time and what happened, or JSON objects for programs.
/// Logging never waits. A separate thread writes; if nobody reads (a full pipe, a stopped terminal), lines that do not
/// fit into the queue are dropped and counted.
/// </summary>
internal sealed class NodeLog : ILogger, IDisposable
{
    private const int MostWaiting = 1000;

    /// <summary>How long the last lines may take.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private readonly LogLevel _least;
    private readonly LogFormat _format;
    private readonly Thread _writer;
    private readonly BlockingCollection<string> _lines = new(MostWaiting);
    private int _dropped;

    public NodeLog(Terminal terminal, TimeProvider clock, LogLevel least, LogFormat format)
    {
        (_terminal, _clock, _least, _format) = (terminal, clock, least, format);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        var message = formatter(state, exception);
        var line = _format == LogFormat.Json
            ? JsonLogLine.Write(
                _clock.GetUtcNow(), logLevel, eventId, message, state as IReadOnlyList<KeyValuePair<string, object?>>, exception)
            : Line(logLevel, message, exception);
        try
        {
            if (!_lines.TryAdd(line))
                Interlocked.Increment(ref _dropped);
        }
        catch (InvalidOperationException)
        {
            // The log has ended: what a thread still has to say as the process ends is of no use to anybody.
            return;
        }
    }

    /// <summary>Writes what waits, as far as somebody reads it.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        _writer.Join(Farewell);
    }

    private void Write()
    {
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            _terminal.Note(line);
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                _terminal.Note(DroppedLine(dropped));
        }
    }

    private string DroppedLine(int dropped)
    {
        var message = $"this log lost {Words.Count(dropped, "line", "lines")}, because nobody read it";
        return _format == LogFormat.Json
            ? JsonLogLine.Write(_clock.GetUtcNow(), LogLevel.Warning, default, message, null, null)
            : Line(LogLevel.Warning, message, null);
    }

    private string Line(LogLevel level, string message, Exception? exception)
    {
        var mark = level >= LogLevel.Warning ? "! " : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{_clock.GetLocalNow():HH:mm:ss} {mark}{message}");
        return exception is null ? line : $"{line}: {exception.Message}";
    }
}

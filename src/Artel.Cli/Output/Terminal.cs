using System.Diagnostics.CodeAnalysis;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>
/// What the user sees. Results go to standard output; what is said about them, and errors, to standard error. Nothing else in this program
/// writes there, and what others wrote reaches a terminal only after <see cref="ShownText"/>, <see cref="ShownStream"/> or
/// <see cref="ShownSegments"/> has made it safe.
/// </summary>
internal sealed class Terminal
{
    private readonly Lock _speaking = new();
    private readonly Lazy<IAnsiConsole> _out;
    private readonly Lazy<IAnsiConsole> _error;

    public Terminal(TextWriter output, TextWriter error, bool outputIsTerminal, bool errorIsTerminal)
    {
        OutputWriter = output;
        OutputIsTerminal = outputIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        _out = new Lazy<IAnsiConsole>(() => Open(output, outputIsTerminal));
        _error = new Lazy<IAnsiConsole>(() => Open(error, errorIsTerminal));
    }

    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    public bool OutputIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    /// <summary>Standard output as text, for what scripts read.</summary>
    public TextWriter OutputWriter { get; }

    public IAnsiConsole Out => _out.Value;

    public IAnsiConsole Error => _error.Value;

    /// <summary>A line, or several, to standard output. A terminal gets them without anything that it would execute.</summary>
    public void Print(string line) => OutputWriter.WriteLine(OutputIsTerminal ? ShownText.Lines(line) : line);

    /// <summary>Standard output for bytes of others.</summary>
    /// <param name="raw">Also a terminal gets them as they are.</param>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place that opens it.")]
    public Stream OpenOutput(bool raw = false) =>
        raw || !OutputIsTerminal ? Console.OpenStandardOutput() : new ShownStream(Console.OpenStandardOutput());

    /// <summary>Standard error for bytes of others.</summary>
    /// <inheritdoc cref="OpenOutput"/>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place that opens it.")]
    public Stream OpenError(bool raw = false) =>
        raw || !ErrorIsTerminal ? Console.OpenStandardError() : new ShownStream(Console.OpenStandardError());

    /// <summary>A line for people, to standard error.</summary>
    public void Note(string line)
    {
        lock (_speaking)
            Error.WriteLine(Plain(line));
    }

    /// <summary>The line with which a command fails.</summary>
    public void Fail(string line) => Say(line, Color.Red);

    public void Warn(string line) => Say(line, Color.Yellow);

    /// <inheritdoc cref="ShownText.Line"/>
    public static string Plain(string text) => ShownText.Line(text);

    private void Say(string line, Color color)
    {
        lock (_speaking)
        {
            Error.Write(new Text("artel: ", new Style(color)));
            Error.WriteLine(Plain(line));
        }
    }

    private static IAnsiConsole Open(TextWriter writer, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        // Nothing is folded or cut in a pipe: who reads it there has no width.
        if (!isTerminal)
            console.Profile.Width = 100_000;

        if (isTerminal)
            console.Pipeline.Attach(new ShownSegments());

        return console;
    }
}

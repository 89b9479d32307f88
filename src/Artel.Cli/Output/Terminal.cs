using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>
/// What the user sees. Results go to standard output; what is said about them, and errors, to standard error. Everything that
/// comes from elsewhere goes through <see cref="Plain"/> on its way.
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

    /// <summary>A line to standard output, as it is.</summary>
    public void Print(string line) => OutputWriter.WriteLine(line);

    /// <summary>A line for people, to standard error.</summary>
    public void Note(string line)
    {
        lock (_speaking)
            Error.WriteLine(Plain(line));
    }

    /// <summary>The line with which a command fails.</summary>
    public void Fail(string line) => Say(line, Color.Red);

    public void Warn(string line) => Say(line, Color.Yellow);

    /// <summary>
    /// Text of others (names, messages, arguments) made safe for a terminal: control characters, which could move the cursor or
    /// recolour the screen, become visible ones.
    /// </summary>
    public static string Plain(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f'))
            return text;

        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = from[i] switch
                {
                    < ' ' => (char)('\u2400' + from[i]),
                    '\x7f' => '\u2421',
                    > '\x7f' and <= '\x9f' => '\ufffd',
                    _ => from[i],
                };
            }
        });
    }

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

        return console;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Artel.Cli.Processes;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>
/// What the user sees. Results go to standard output; what is said about them, and errors, to standard error. Nothing else in this program
/// writes there, and what others wrote reaches a terminal only after <see cref="ShownText"/>, <see cref="ShownStream"/> or
/// <see cref="ShownSegments"/> has made it safe.
/// </summary>
internal sealed class Terminal
{
    /// <summary>The width assumed for a terminal that reports none, in characters.</summary>
    private const int UsualWidth = 80;

    /// <summary>The height assumed for such a terminal, in lines.</summary>
    private const int UsualHeight = 24;

    private readonly Lock _speaking = new();
    private readonly Stream _outputBytes;
    private readonly Stream _errorBytes;
    private readonly Lazy<IAnsiConsole> _out;
    private readonly Lazy<IAnsiConsole> _error;

    public Terminal(TextWriter output, TextWriter error, bool outputIsTerminal, bool errorIsTerminal, Stream? outputBytes = null, Stream? errorBytes = null)
    {
        _outputBytes = outputBytes ?? Stream.Null;
        _errorBytes = errorBytes ?? Stream.Null;
        OutputWriter = output;
        ErrorWriter = error;
        OutputIsTerminal = outputIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        _out = new Lazy<IAnsiConsole>(() => Open(output, outputIsTerminal));
        _error = new Lazy<IAnsiConsole>(() => Open(error, errorIsTerminal));
    }

    /// <summary>The terminal of this process. A failure to write to standard error is ignored.</summary>
    /// <param name="outputFailed">Gets the error number of the first write to standard output that fails.</param>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place that opens them.")]
    public static Terminal OfProcess(Action<int> outputFailed)
    {
        var isLinux = OperatingSystem.IsLinux();
        Stream output = isLinux ? new StandardStream(1, StandardDescriptors.OutputWasClosed, outputFailed) : Console.OpenStandardOutput();
        Stream error = isLinux ? new StandardStream(2, wasClosed: false, _ => { }) : Console.OpenStandardError();
        return new Terminal(Text(output), Text(error), !Console.IsOutputRedirected, !Console.IsErrorRedirected, output, error);

        static TextWriter Text(Stream stream) => TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true });
    }

    public bool OutputIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    /// <summary>True if standard error is a terminal that can overwrite lines, not a dumb one.</summary>
    public bool CanDraw => ErrorIsTerminal && Error.Profile.Capabilities.Ansi;

    /// <summary>Standard output as text, for what scripts read.</summary>
    public TextWriter OutputWriter { get; }

    /// <summary>Standard error as text.</summary>
    public TextWriter ErrorWriter { get; }

    public IAnsiConsole Out => _out.Value;

    public IAnsiConsole Error => _error.Value;

    /// <summary>A line, or several, to standard output. A terminal gets them without anything that it would execute.</summary>
    public void Print(string line) => OutputWriter.WriteLine(OutputIsTerminal ? ShownText.Lines(line) : line);

    /// <summary>
    /// Prints what a command has created, such as the number of a job, if nothing else shows it to the user. If it
    /// cannot be written, the error says what exists.
    /// </summary>
    /// <param name="line">What is printed.</param>
    /// <param name="exists">A clause about what exists, such as "job 7 is submitted".</param>
    public void PrintCreated(string line, string exists)
    {
        Created = exists;
        Print(line);
    }

    /// <summary>The clause that <see cref="PrintCreated"/> got, or null.</summary>
    public string? Created { get; private set; }

    /// <summary>Standard output for bytes of others.</summary>
    /// <param name="raw">Also a terminal gets them as they are.</param>
    public Stream OpenOutput(bool raw = false) => raw || !OutputIsTerminal ? _outputBytes : new ShownStream(_outputBytes);

    /// <summary>Standard error for bytes of others.</summary>
    /// <inheritdoc cref="OpenOutput"/>
    public Stream OpenError(bool raw = false) => raw || !ErrorIsTerminal ? _errorBytes : new ShownStream(_errorBytes);

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
            Out = isTerminal ? new TerminalOutput(writer) : new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        // Nothing is folded or cut in a pipe: who reads it there has no width.
        if (!isTerminal)
            console.Profile.Width = 100_000;
        else if (console.Profile.Width <= 0)
            console.Profile.Width = UsualWidth;

        if (isTerminal && console.Profile.Height <= 0)
            console.Profile.Height = UsualHeight;

        if (isTerminal)
            console.Pipeline.Attach(new ShownSegments());

        return console;
    }
}

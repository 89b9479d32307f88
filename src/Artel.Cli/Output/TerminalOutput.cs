using System.Text;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>
/// A terminal for Spectre.Console, which by itself recognises only the writers of <see cref="System.Console"/> as
/// terminals, not our streams: tables would be as wide as in a pipe.
/// </summary>
internal sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
{
    private readonly AnsiConsoleOutput _inner = new(writer);

    public TextWriter Writer => writer;

    public bool IsTerminal => true;

    public int Width => _inner.Width;

    public int Height => _inner.Height;

    public void SetEncoding(Encoding encoding) => _inner.SetEncoding(encoding);
}

using System.Globalization;
using System.Text;

namespace Artel.Cli.Results;

/// <summary>
/// Output of many tasks at the same time: whole lines, each with its task before it, <c>12.3 | </c>, in a colour of the task's own
/// where there are colours. Safe from any thread.
/// </summary>
/// <param name="isNamed">True if each line begins with its task.</param>
internal sealed class PrefixedOutput(
    long job, Stream output, Stream error, bool colours, bool isNamed = true) : IOutputPrinter
{
    /// <summary>A line that is longer is given in pieces.</summary>
    private const int LongestLine = 64 * 1024;

    /// <summary>Those that can be read on black and on white.</summary>
    private static readonly int[] Colours = [36, 33, 35, 32, 34, 31, 96, 95];

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Task, WireStream Stream), MemoryStream> _open = [];

    public void Head(WireTask task)
    {
    }

    public void Print(int task, int attempt, WireStream stream, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue((task, stream), out var line))
                _open[(task, stream)] = line = new MemoryStream();

            while (data.Length > 0)
            {
                var end = data.IndexOf((byte)'\n');
                var take = Math.Min(end < 0 ? data.Length : end, LongestLine - (int)line.Length);
                line.Write(data[..take]);
                data = data[take..];
                if (data.Length > 0)
                {
                    // Either its end has come, or it is as long as a line may be.
                    if (data[0] == '\n')
                        data = data[1..];

                    Write(task, stream, line);
                }
            }

            To(stream).Flush();
        }
    }

    public void End(int task)
    {
        lock (_lock)
        {
            foreach (var stream in new[] { WireStream.Stdout, WireStream.Stderr })
            {
                if (_open.Remove((task, stream), out var line) && line.Length > 0)
                    Write(task, stream, line);
            }

            output.Flush();
            error.Flush();
        }
    }

    private void Write(int task, WireStream stream, MemoryStream line)
    {
        var to = To(stream);
        var name = string.Create(CultureInfo.InvariantCulture, $"{job}.{task} |");
        var prefix = !isNamed ? ""
            : colours ? string.Create(CultureInfo.InvariantCulture, $"\e[{Colours[task % Colours.Length]}m{name}\e[0m ")
            : name + " ";
        to.Write(Encoding.ASCII.GetBytes(prefix));
        to.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
        to.WriteByte((byte)'\n');
        line.SetLength(0);
    }

    private Stream To(WireStream stream) => stream == WireStream.Stderr ? error : output;
}

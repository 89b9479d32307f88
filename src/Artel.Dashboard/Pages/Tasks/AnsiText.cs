using System.Buffers;
using System.Text;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>
/// Reads bytes that a program wrote for a terminal into lines of styled letters. Colours are kept (SGR); a carriage return, a backspace and "erase
/// in line" let what follows replace what is there, as progress bars do; every other sequence and control character is dropped. What is not UTF-8
/// becomes U+FFFD. Costs what the bytes cost: no sequence reaches further than its line.
/// </summary>
/// <param name="start">Place in the stream of the first byte.</param>
/// <param name="matches">What was looked for, in the order of the stream.</param>
internal sealed class AnsiText(long start, IReadOnlyList<OutputMatch> matches)
{
    private const byte Escape = 0x1B;
    private const byte Bell = 0x07;

    /// <summary>A line that letters are put on in no order is at most so long.</summary>
    private const int MostColumns = 1 << 16;

    private readonly List<OutputLetter> _line = [];
    private AnsiStyle _style;
    private int _column;
    private int _match;

    /// <summary>The lines, the last one also where nothing ends it. Letters keep the place of their first byte.</summary>
    /// <param name="isCut">More follows: half of a character, or of a sequence, at the end is left out.</param>
    public IEnumerable<(long Offset, IReadOnlyList<OutputLetter> Letters)> Read(ReadOnlyMemory<byte> bytes, bool isCut)
    {
        var lineStart = start;
        var i = 0;
        while (i < bytes.Length)
        {
            var b = bytes.Span[i];
            if (b == '\n')
            {
                yield return (lineStart, _line);
                _line.Clear();
                _column = 0;
                i++;
                lineStart = start + i;
                continue;
            }

            var taken = b == Escape ? Sequence(bytes.Span[i..]) : Letter(bytes.Span[i..], start + i, isCut);
            if (taken == 0)
                break;

            i += taken;
        }

        if (_line.Count > 0)
            yield return (lineStart, _line);
    }

    /// <summary>How many bytes; 0 where the rest is half of a character that may still come.</summary>
    private int Letter(ReadOnlySpan<byte> bytes, long place, bool isCut)
    {
        switch (bytes[0])
        {
            case (byte)'\r':
                _column = 0;
                return 1;
            case (byte)'\b':
                _column = Math.Max(0, _column - 1);
                return 1;
        }

        var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
        if (status == OperationStatus.NeedMoreData && isCut)
            return 0;

        // The rest of a character that began before what is shown.
        if (place - start < 3 && start > 0 && (bytes[0] & 0xC0) == 0x80)
            return 1;

        if (rune.Value == '\t' || !Rune.IsControl(rune))
            Put(new OutputLetter(rune, _style, MatchAt(place)));

        return length;
    }

    private void Put(OutputLetter letter)
    {
        if (_column >= MostColumns)
            return;

        if (_column < _line.Count)
            _line[_column] = letter;
        else
            _line.Add(letter);

        _column++;
    }

    private OutputHit MatchAt(long place)
    {
        while (_match < matches.Count && matches[_match].End <= place)
            _match++;

        return _match < matches.Count && matches[_match].Start <= place ? matches[_match].Hit : OutputHit.None;
    }

    /// <summary>How many bytes the sequence has that begins here. One that does not end ends with its line.</summary>
    private int Sequence(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            return bytes.Length;

        return bytes[1] switch
        {
            (byte)'[' => Control(bytes),
            (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_' => Text(bytes),
            >= 0x20 and <= 0x2F => Designation(bytes),
            (byte)'\n' or Escape => 1,
            _ => 2,
        };
    }

    private int Control(ReadOnlySpan<byte> bytes)
    {
        var i = 2;
        while (i < bytes.Length && bytes[i] is >= 0x20 and <= 0x3F)
            i++;

        if (i == bytes.Length || bytes[i] is < 0x40 or > 0x7E)
            return i;

        var parameters = bytes[2..i];
        if (bytes[i] == 'm' && !parameters.ContainsAnyExceptInRange((byte)'0', (byte)';'))
            _style = AnsiSgr.Apply(_style, Encoding.ASCII.GetString(parameters));
        else if (bytes[i] == 'K')
            Erase(parameters);

        return i + 1;
    }

    private void Erase(ReadOnlySpan<byte> parameters)
    {
        if ((parameters.IsEmpty || parameters is [(byte)'0']) && _column < _line.Count)
            _line.RemoveRange(_column, _line.Count - _column);
        else if (parameters is [(byte)'2'])
            _line.RemoveRange(Math.Min(_column, _line.Count), Math.Max(0, _line.Count - _column));

        for (var i = 0; parameters is [(byte)'1' or (byte)'2'] && i < Math.Min(_column, _line.Count); i++)
            _line[i] = new OutputLetter(new Rune(' '), default, OutputHit.None);
    }

    /// <summary>Titles, links and the like: up to BEL or <c>ESC \</c>.</summary>
    private static int Text(ReadOnlySpan<byte> bytes)
    {
        for (var i = 2; i < bytes.Length; i++)
        {
            if (bytes[i] == Bell)
                return i + 1;

            if (bytes[i] == Escape)
                return i + 1 < bytes.Length && bytes[i + 1] == '\\' ? i + 2 : i;

            if (bytes[i] == '\n')
                return i;
        }

        return bytes.Length;
    }

    private static int Designation(ReadOnlySpan<byte> bytes)
    {
        var i = 2;
        while (i < bytes.Length && bytes[i] is >= 0x20 and <= 0x2F)
            i++;

        return i < bytes.Length && bytes[i] is >= 0x30 and <= 0x7E ? i + 1 : i;
    }
}

/// <summary>One letter with its look.</summary>
internal readonly record struct OutputLetter(Rune Rune, AnsiStyle Style, OutputHit Hit);

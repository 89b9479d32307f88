using System.Text;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>Letters that look alike, over the ends of lines.</summary>
internal sealed record OutputSpan(string Text, AnsiStyle Style, OutputHit Hit);

/// <summary>
/// Some lines that begin within the same 4 KiB of a stream. What is shown is sent to the browser in these: of a growing output only the last one
/// changes, and one that scrolls out takes no other with it.
/// </summary>
/// <param name="Key">Which 4 KiB.</param>
internal sealed record OutputBlock(long Key, IReadOnlyList<OutputSpan> Spans)
{
    public const int Size = 4096;

    /// <summary>What a window shows. Not more than a letter a byte, whatever it holds.</summary>
    public static List<OutputBlock> Of(OutputWindow window, IReadOnlyList<OutputMatch> matches, bool isCut)
    {
        var blocks = new List<OutputBlock>();
        var spans = new SpanWriter();
        var key = window.Start / Size;
        foreach (var (offset, letters) in new AnsiText(window.Start, matches).Read(window.Bytes, isCut))
        {
            if (offset / Size != key)
            {
                blocks.Add(new OutputBlock(key, spans.Take()));
                key = offset / Size;
            }

            foreach (var letter in letters)
                spans.Write(letter);

            spans.EndLine();
        }

        var last = spans.Take();
        if (last.Count > 0)
            blocks.Add(new OutputBlock(key, last));

        return blocks;
    }

    private sealed class SpanWriter
    {
        private readonly StringBuilder _text = new();
        private List<OutputSpan> _spans = [];
        private AnsiStyle _style;
        private OutputHit _hit;

        public void Write(OutputLetter letter)
        {
            if (letter.Style != _style || letter.Hit != _hit)
                Finish();

            (_style, _hit) = (letter.Style, letter.Hit);
            Span<char> units = stackalloc char[2];
            _text.Append(units[..letter.Rune.EncodeToUtf16(units)]);
        }

        public void EndLine() => _text.Append('\n');

        public List<OutputSpan> Take()
        {
            Finish();
            var spans = _spans;
            _spans = [];
            return spans;
        }

        private void Finish()
        {
            if (_text.Length > 0)
                _spans.Add(new OutputSpan(_text.ToString(), _style, _hit));

            _text.Clear();
        }
    }
}

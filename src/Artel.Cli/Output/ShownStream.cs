using System.Buffers;
using System.Text;

namespace Artel.Cli.Output;

/// <summary>
/// Output of tasks on its way to a terminal: text and colours (SGR, ECMA-48 section 8.3.117) pass, everything else that a terminal would
/// execute is shown. Sequences and characters may be split over any number of writes. For one writer at a time.
/// </summary>
internal sealed class ShownStream(Stream to) : WriteOnlyStream
{
    /// <summary>No colour is longer.</summary>
    private const int LongestSequence = 64;

    private const byte Escape = 0x1b;

    private static readonly SearchValues<byte> Parameters = SearchValues.Create("0123456789;:"u8);

    private readonly ArrayBufferWriter<byte> _out = new();

    /// <summary>The beginning of a sequence or character whose end has not come.</summary>
    private readonly byte[] _open = new byte[LongestSequence];
    private int _opened;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (var next in buffer)
        {
            if (_opened == 0 && (next is (>= (byte)' ' and < 0x7f) or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                _out.Write([next]);
            else
                Take(next);
        }

        Pass();
    }

    public override void Flush() => to.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            while (_opened > 0)
                ShowFirst();

            Pass();
            to.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Pass()
    {
        to.Write(_out.WrittenSpan);
        _out.ResetWrittenCount();
    }

    private void Take(byte next)
    {
        _open[_opened++] = next;
        while (_opened > 0 && Judge() is { } length)
        {
            if (length > 0)
            {
                _out.Write(_open.AsSpan(0, length));
                Drop(length);
            }
            else
            {
                ShowFirst();
            }
        }
    }

    /// <summary>How many of the open bytes may pass; 0 if the first character must be shown; null if it is not known yet.</summary>
    private int? Judge()
    {
        var open = _open.AsSpan(0, _opened);
        if (open[0] == Escape)
            return JudgeSequence(open);

        return Rune.DecodeFromUtf8(open, out var rune, out var length) switch
        {
            OperationStatus.Done => rune.Value is '\n' or '\r' or '\t' || ShownText.Of(rune.Value) is null ? length : 0,
            OperationStatus.NeedMoreData => null,
            _ => 0,
        };
    }

    private static int? JudgeSequence(ReadOnlySpan<byte> open)
    {
        if (open.Length == 1)
            return null;

        if (open[1] != (byte)'[')
            return 0;

        var end = open[2..].IndexOfAnyExcept(Parameters);
        return end >= 0 ? (open[2 + end] == (byte)'m' ? end + 3 : 0)
            : open.Length < LongestSequence ? null : 0;
    }

    private void ShowFirst()
    {
        var status = Rune.DecodeFromUtf8(_open.AsSpan(0, _opened), out var rune, out var length);
        var shown = status == OperationStatus.Done ? ShownText.Of(rune.Value) ?? rune.ToString() : "\ufffd";
        _out.Write(Encoding.UTF8.GetBytes(shown));
        Drop(status == OperationStatus.Done ? length : Math.Max(1, Math.Min(length, _opened)));
    }

    private void Drop(int length)
    {
        _open.AsSpan(length, _opened - length).CopyTo(_open);
        _opened -= length;
    }
}

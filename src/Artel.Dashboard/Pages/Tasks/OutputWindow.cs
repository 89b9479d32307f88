namespace Artel.Dashboard.Pages.Tasks;

/// <summary>The part of one stream that is held to be shown: never more than <see cref="Size"/>, however much there is.</summary>
internal sealed class OutputWindow
{
    public const int Size = 64 * 1024;

    private readonly byte[] _bytes = new byte[Size];
    private int _length;

    /// <summary>Place in the stream of its first byte.</summary>
    public long Start { get; private set; }

    /// <summary>Behind its last byte.</summary>
    public long End => Start + _length;

    public bool IsFull => _length == Size;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Begins anew, empty.</summary>
    public void MoveTo(long start) => (Start, _length) = (start, 0);

    /// <summary>Takes what follows; what does not fit any more pushes the beginning out, by whole blocks of the stream.</summary>
    public void Roll(long offset, ReadOnlySpan<byte> data)
    {
        if (offset != End)
            MoveTo(offset);

        if (data.Length >= Size)
        {
            MoveTo(offset + data.Length - Size);
            data = data[^Size..];
        }

        if (_length + data.Length > Size)
        {
            var most = _length + data.Length - Size;
            var cut = (int)Math.Min(_length, (((Start + most + OutputBlock.Size - 1) / OutputBlock.Size) * OutputBlock.Size) - Start);
            _bytes.AsSpan(cut, _length - cut).CopyTo(_bytes);
            (Start, _length) = (Start + cut, _length - cut);
        }

        Append(data);
    }

    /// <summary>Takes what follows as far as it fits.</summary>
    public void Fill(long offset, ReadOnlySpan<byte> data)
    {
        if (_length == 0)
            Start = offset;

        if (offset == End)
            Append(data[..Math.Min(data.Length, Size - _length)]);
    }

    /// <summary>Leaves a line out that is cut by the end of the window, where most of the window is before it.</summary>
    public void EndWithLine()
    {
        var end = _bytes.AsSpan(0, _length).LastIndexOf((byte)'\n') + 1;
        if (IsFull && end > Size - OutputBlock.Size)
            _length = end;
    }

    /// <summary>Leaves the rest of a line out that began before the window, where it ends before a place of interest.</summary>
    public void BeginWithLine(long before)
    {
        var most = (int)Math.Clamp(before - Start, 0, _length);
        var start = _bytes.AsSpan(0, most).IndexOf((byte)'\n') + 1;
        if (Start == 0 || start == 0)
            return;

        _bytes.AsSpan(start, _length - start).CopyTo(_bytes);
        (Start, _length) = (Start + start, _length - start);
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
    }
}

using System.Buffers;
using System.IO.Hashing;
using Artel.Protocol.Files;
using Microsoft.Win32.SafeHandles;

namespace Artel.Node.Capture;

/// <summary>
/// What is kept of one output stream of one attempt. Small output stays in memory and ends in the spool's journal; from
/// <see cref="MemoryLimit"/> bytes on it is in a file. One thread appends; any thread may read meanwhile, for a live tail.
/// </summary>
/// <remarks>
/// <para>
/// Chosen among three ways. Processes that write straight to files are fastest, but nothing stops one at an exact
/// length. Splicing pipes to files saves a copy, but costs a file per stream even for a task that prints one line. So
/// the agent reads all pipes itself, long output in a thread that may wait for the disk, and this is where the bytes
/// go: caps are exact, a process whose cap is reached is read on and never blocked nor sent a SIGPIPE, and a task that
/// prints little costs no file.
/// </para>
/// <para>
/// What is kept is what the process wrote, from its beginning, and nothing else. That it was cut follows from the two
/// lengths.
/// </para>
/// </remarks>
internal sealed class CapturedStream(string path, long limitBytes) : IDisposable
{
    /// <summary>Most bytes held in memory.</summary>
    public const int MemoryLimit = 16 * 1024;

    private const int FirstBuffer = 512;

    private readonly Lock _gate = new();
    private readonly Crc32 _crc = new();
    private byte[] _memory = [];
    private SafeFileHandle? _file;
    private int _holders = 1;

    /// <summary>Bytes kept: at most the limit.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that the process wrote.</summary>
    public long Written { get; private set; }

    /// <summary>Nothing more comes.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Why not all that was to be kept could be (the disk is full), or null.</summary>
    public string? Error { get; private set; }

    /// <summary>The file that holds it, or null while it is in memory.</summary>
    public string? FilePath => _file is null ? null : path;

    /// <summary>Of what is in the file.</summary>
    public uint FileCrc => _crc.GetCurrentHashAsUInt32();

    /// <summary>How many bytes <see cref="Append"/> takes now without waiting for the disk.</summary>
    public int Room
    {
        get
        {
            lock (_gate)
            {
                if (Error is not null || Length >= limitBytes)
                    return int.MaxValue;

                if (_file is not null)
                    return 0;

                return limitBytes <= MemoryLimit ? int.MaxValue : MemoryLimit - (int)Length;
            }
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            Written += data.Length;
            var room = limitBytes - Length;
            Keep(data.Length <= room ? data : data[..(int)Math.Max(room, 0)]);
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            IsComplete = true;
        }
    }

    /// <summary>What is in memory; empty where it is in a file. Only after <see cref="Complete"/>.</summary>
    public ReadOnlyMemory<byte> InMemory => _file is null ? _memory.AsMemory(0, (int)Length) : default;

    /// <summary>Copies from <paramref name="offset"/> on; 0 where nothing is there yet. For those who hold it.</summary>
    public int Read(long offset, Span<byte> destination)
    {
        int count;
        lock (_gate)
        {
            count = (int)Math.Min(Math.Max(Length - offset, 0), destination.Length);
            if (count == 0)
                return 0;

            if (_file is null)
            {
                _memory.AsSpan((int)offset, count).CopyTo(destination);
                return count;
            }
        }

        // What is in the file stays as it is: who appends, and has the process wait for it, need not wait for a reader.
        return RandomAccess.Read(_file, destination[..count], offset);
    }

    /// <summary>
    /// Lets a reader keep it readable until it disposes it too, also when the file is deleted meanwhile. False: too late.
    /// </summary>
    public bool TryHold()
    {
        lock (_gate)
        {
            if (_holders == 0)
                return false;

            _holders++;
            return true;
        }
    }

    /// <summary>Lets go of it. The last one to do so frees the memory; a file stays.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (--_holders > 0)
                return;

            _file?.Dispose();
            if (_memory.Length > 0)
                ArrayPool<byte>.Shared.Return(_memory);

            _memory = [];
        }
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || Error is not null)
            return;

        if (_file is null && Length + data.Length <= MemoryLimit)
        {
            Grow((int)Length + data.Length);
            data.CopyTo(_memory.AsSpan((int)Length));
            Length += data.Length;
            return;
        }

        try
        {
            if (_file is null)
                MoveToFile();

            RandomAccess.Write(_file!, data, Length);
            _crc.Append(data);
            Length += data.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Error = $"its output could not be kept: {e.Message}";
            CutTail();
        }
    }

    /// <summary>
    /// Cuts off what a failed write has left, so that the file is as long as <see cref="Length"/> says.
    /// </summary>
    private void CutTail()
    {
        try
        {
            if (_file is not null)
                RandomAccess.SetLength(_file, Length);
        }
        catch (IOException)
        {
            // Readers go by Length.
        }
    }

    private void MoveToFile()
    {
        var inMemory = _memory.AsSpan(0, (int)Length);
        var file = CreateFile();
        try
        {
            RandomAccess.Write(file, inMemory, 0);
        }
        catch
        {
            // What is in memory stays there.
            file.Dispose();
            File.Delete(path);
            throw;
        }

        _file = file;
        _crc.Append(inMemory);
        if (_memory.Length > 0)
            ArrayPool<byte>.Shared.Return(_memory);

        _memory = [];
    }

    private SafeFileHandle CreateFile()
    {
        try
        {
            return OwnerOnly.CreateFile(path, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (DirectoryNotFoundException)
        {
            // Removed by hand while the agent runs.
            OwnerOnly.CreateFolder(Path.GetDirectoryName(path)!);
            return OwnerOnly.CreateFile(path, FileShare.ReadWrite | FileShare.Delete);
        }
    }

    private void Grow(int needed)
    {
        if (needed <= _memory.Length)
            return;

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBuffer, Math.Min(_memory.Length * 2, MemoryLimit))));
        _memory.AsSpan(0, (int)Length).CopyTo(larger);
        if (_memory.Length > 0)
            ArrayPool<byte>.Shared.Return(_memory);

        _memory = larger;
    }
}

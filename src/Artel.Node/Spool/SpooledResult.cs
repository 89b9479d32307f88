using System.IO.Hashing;
using Artel.Node.Processes;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Node.Spool;

/// <summary>A finished result and its output.</summary>
internal sealed record SpooledResult(AttemptResult Result, SpooledOutput Stdout, SpooledOutput Stderr)
{
    /// <summary>True if output of it is in files of its own.</summary>
    public bool HasFiles => Stdout.IsFile || Stderr.IsFile;

    public SpooledOutput this[OutputStream stream] => stream == OutputStream.Stderr ? Stderr : Stdout;

    /// <summary>
    /// What is announced for a result whose bytes are lost: the attempt is lost, and its task goes on as if its node
    /// were. A result without its output, or with another, would be taken for the whole.
    /// </summary>
    /// <param name="result">What is left of it.</param>
    /// <param name="reason">For people.</param>
    public static SpooledResult Lost(AttemptResult result, string reason) => new(
        new AttemptResult
        {
            Lease = result.Lease,
            State = NodeState.Failed,
            Outcome = AttemptOutcome.Lost,
            Message = $"its node has lost its result: {reason}",
            Started = result.Started,
            Usage = result.Usage ?? new Usage(),
            Stdout = new OutputInfo(),
            Stderr = new OutputInfo(),
        },
        SpooledOutput.Empty, SpooledOutput.Empty);

    /// <summary>
    /// The result as it is announced: with its data if that fits the credit and can be read now, otherwise without.
    /// </summary>
    public AttemptResult Announcement(long inlineOutputBytes)
    {
        var announced = Result.Clone();
        announced.DataFollows = Stdout.Length + Stderr.Length > inlineOutputBytes;
        try
        {
            announced.StdoutData = announced.DataFollows ? ByteString.Empty : Stdout.ReadAll();
            announced.StderrData = announced.DataFollows ? ByteString.Empty : Stderr.ReadAll();
            return announced;
        }
        catch (Exception e) when (SpooledOutput.IsLost(e))
        {
            return Lost(Result, SpooledOutput.Describe(e)).Result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Such as a lack of descriptors: delivery tries it again before it counts as lost.
            announced.DataFollows = true;
            announced.StdoutData = ByteString.Empty;
            announced.StderrData = ByteString.Empty;
            return announced;
        }
    }
}

/// <summary>One stream of a result: within the journal, or in a file.</summary>
internal sealed class SpooledOutput
{
    private readonly ByteString _data;
    private readonly string? _path;
    private readonly uint _crc;

    public SpooledOutput(ByteString data) => (_data, Length) = (data, data.Length);

    /// <param name="crc">CRC-32 of its bytes.</param>
    public SpooledOutput(string path, long length, uint crc) =>
        (_data, _path, Length, _crc) = (ByteString.Empty, path, length, crc);

    public static SpooledOutput Empty { get; } = new(ByteString.Empty);

    public long Length { get; }

    public bool IsFile => _path is not null;

    /// <summary>True if no later try can succeed.</summary>
    public static bool IsLost(Exception e) =>
        e is InvalidDataException or FileNotFoundException or DirectoryNotFoundException;

    /// <summary>What a failure to read means, for people. Without paths, which are private to the node.</summary>
    public static string Describe(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "the file with its output is gone",
        InvalidDataException => e.Message,
        _ => $"the file with its output cannot be read ({e.GetType().Name})",
    };

    /// <summary>
    /// Opens it for reading: exactly as many bytes as were announced, whatever is behind them in the file. The read
    /// that comes after the last of them says whether they are what was written.
    /// </summary>
    /// <exception cref="IOException">It is gone, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public Reader Open() => new(this, _path is null
        ? new MemoryStream(_data.ToByteArray(), writable: false)
        : new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));

    /// <inheritdoc cref="Open"/>
    public ByteString ReadAll()
    {
        if (_path is null)
            return _data;

        using var reader = Open();
        var all = new byte[Length];
        var count = 0;
        while (reader.Read(all.AsSpan(count)) is > 0 and var more)
            count += more;

        return UnsafeByteOperations.UnsafeWrap(all);
    }

    /// <summary>Reads the bytes of a stream in order.</summary>
    internal sealed class Reader(SpooledOutput output, System.IO.Stream source) : IDisposable
    {
        private readonly Crc32 _crc = new();
        private long _left = output.Length;

        /// <summary>0: all were read, and they are what was written.</summary>
        /// <exception cref="InvalidDataException">They are not.</exception>
        /// <exception cref="IOException">They cannot be read.</exception>
        public int Read(Span<byte> destination)
        {
            if (_left == 0)
            {
                return output._path is null || _crc.GetCurrentHashAsUInt32() == output._crc
                    ? 0
                    : throw new InvalidDataException("the file with its output was changed");
            }

            var count = source.Read(destination[..(int)Math.Min(destination.Length, _left)]);
            if (count == 0)
                throw new InvalidDataException($"the file with its output is {_left} bytes short");

            if (output._path is not null)
                _crc.Append(destination[..count]);

            _left -= count;
            return count;
        }

        public void Dispose() => source.Dispose();
    }
}

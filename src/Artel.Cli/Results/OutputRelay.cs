namespace Artel.Cli.Results;

/// <summary>
/// Passes the output of each ended task on to standard output and standard error, byte for byte, one task after another: a task's
/// bytes are held back until all of them are here, in memory while they are few, else in a temporary file.
/// </summary>
internal sealed class OutputRelay(Stream output, Stream error) : IResultSink, IDisposable
{
    private readonly HeldBytes _output = new();
    private readonly HeldBytes _error = new();

    public void Begin(WireTask task)
    {
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data) => (stream == WireStream.Stderr ? _error : _output).Write(data);

    public void Complete(WireTask task)
    {
        _output.PassTo(output);
        _error.PassTo(error);
    }

    public void Abandon()
    {
        _output.Drop();
        _error.Drop();
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private sealed class HeldBytes : IDisposable
    {
        private const int MostInMemory = 1024 * 1024;

        private readonly MemoryStream _memory = new();
        private FileStream? _file;

        public void Write(ReadOnlySpan<byte> data)
        {
            if (_file is null && _memory.Length + data.Length <= MostInMemory)
            {
                _memory.Write(data);
                return;
            }

            _file ??= new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
                PrivateFile());
            _file.Write(data);
        }

        public void PassTo(Stream to)
        {
            to.Write(_memory.GetBuffer(), 0, (int)_memory.Length);
            if (_file is not null)
            {
                _file.Position = 0;
                _file.CopyTo(to);
            }

            to.Flush();
            Drop();
        }

        public void Drop()
        {
            _memory.SetLength(0);
            _file?.Dispose();
            _file = null;
        }

        public void Dispose()
        {
            _file?.Dispose();
            _memory.Dispose();
        }

        private static FileStreamOptions PrivateFile()
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

            return options;
        }
    }
}

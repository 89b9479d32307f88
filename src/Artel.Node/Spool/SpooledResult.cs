using Artel.Node.Processes;
using Artel.Protocol.V1;

namespace Artel.Node.Spool;

/// <summary>A finished result and where its output is: within the result, or for long output in a file.</summary>
internal sealed record SpooledResult(AttemptResult Result, string? StdoutFile, string? StderrFile)
{
    /// <summary>Bytes kept of both streams.</summary>
    public long OutputLength => Result.Stdout.Length + Result.Stderr.Length;

    /// <summary>Opens one stream for reading.</summary>
    public System.IO.Stream Open(OutputStream stream)
    {
        var (file, data) = stream == OutputStream.Stdout ? (StdoutFile, Result.StdoutData) : (StderrFile, Result.StderrData);
        return file is null ? new MemoryStream(data.ToByteArray(), writable: false) : OpenFile(file);
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>The result as it is announced: with its data where that fits the credit, else without.</summary>
    public AttemptResult Announcement(long inlineOutputBytes)
    {
        var announced = Result.Clone();
        announced.DataFollows = OutputLength > inlineOutputBytes;
        if (announced.DataFollows)
        {
            announced.StdoutData = Google.Protobuf.ByteString.Empty;
            announced.StderrData = Google.Protobuf.ByteString.Empty;
            return announced;
        }

        if (StdoutFile is not null)
            announced.StdoutData = Google.Protobuf.ByteString.CopyFrom(File.ReadAllBytes(StdoutFile));

        if (StderrFile is not null)
            announced.StderrData = Google.Protobuf.ByteString.CopyFrom(File.ReadAllBytes(StderrFile));

        return announced;
    }
}

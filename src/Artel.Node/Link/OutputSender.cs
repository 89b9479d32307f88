using System.Net;
using Artel.Node.Processes;
using Artel.Protocol;
using Artel.Protocol.Client;

namespace Artel.Node.Link;

/// <summary>Makes the requests of <see cref="OutputUpload"/>, each on a connection that has no other at the same time.</summary>
internal sealed class OutputSender(ClusterAccess access, string address) : IDisposable
{
    private readonly HttpClient _http = ClusterChannel.OpenHttp(access, address);

    /// <summary>Sends output of one attempt; returns when the server has received it, or does not want it any more.</summary>
    /// <param name="ahead">The attempt may be running yet.</param>
    /// <param name="write">Gives the pieces. What it throws breaks the request off, and the server keeps nothing.</param>
    /// <exception cref="HttpRequestException">The server refused it, with a status and a reason; or it could not be sent.</exception>
    public async Task SendAsync(LeaseId lease, bool ahead, Func<OutputPieces, CancellationToken, Task> write, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, OutputUpload.PathOf(lease.Epoch, lease.Sequence, ahead));
        request.Content = new Content(write);

        // A refusal is heard before there is a body whose sending fails of it.
        request.Headers.ExpectContinue = true;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.Gone)
            throw new HttpRequestException((await response.Content.ReadAsStringAsync(ct)).TrimEnd(), null, response.StatusCode);
    }

    public void Dispose() => _http.Dispose();

    private sealed class Content(Func<OutputPieces, CancellationToken, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            write(new OutputPieces(stream), cancellationToken);

        /// <summary>Who writes may not know it yet.</summary>
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

/// <summary>Puts pieces of output, as <see cref="OutputUpload"/> has them, into the body of a request.</summary>
internal sealed class OutputPieces(Stream body)
{
    /// <summary>Longest piece: a block of the server's segments.</summary>
    public const int MostBytes = 64 * 1024;

    private readonly byte[] _piece = new byte[OutputUpload.HeaderBytes + MostBytes];

    /// <summary>Where the bytes of the next piece go.</summary>
    public Memory<byte> Next => _piece.AsMemory(OutputUpload.HeaderBytes);

    /// <summary>Sends the first of <see cref="Next"/>.</summary>
    public ValueTask SendAsync(OutputStream stream, int count, CancellationToken ct)
    {
        OutputUpload.WriteHeader(_piece, (Artel.Protocol.V1.Stream)stream, count);
        return body.WriteAsync(_piece.AsMemory(0, OutputUpload.HeaderBytes + count), ct);
    }
}

using Artel.Core;
using Artel.Protocol;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Grpc.Core;

namespace Artel.Server.Nodes;

/// <summary>Where nodes send long output: the requests of <see cref="OutputUpload"/>.</summary>
internal sealed class OutputIntake(
    NodeSessions sessions, ClusterLoop loop, OutputStore outputs, OutputAllowance allowance, Vitals vitals, ServerOptions options)
{
    /// <summary>
    /// Outputs of all nodes that may come while they are written: each has up to two segments open, and blocks of output in memory, for as long as its
    /// process writes.
    /// </summary>
    private const int AheadAtOnce = 64;

    private int _ahead;

    /// <summary>
    /// Takes in the output of one attempt. The answer means received; Settled on the link means stored. A node waits for the server's word (<c>Expect: 100-continue</c>)
    /// before it sends the body, so that it hears of a refusal.
    /// </summary>
    public async Task TakeAsync(HttpContext context, long epoch, long sequence)
    {
        try
        {
            var node = context.Principal().Node!;
            if (!sessions.TryFind(new NodeId(node), out var session))
            {
                throw Refusals.NotNow("the link of this node is down: connect first");
            }

            var lease = new Lease(epoch, sequence);
            var isTaken = context.Request.Query.ContainsKey(OutputUpload.Ahead)
                ? await TakeAheadAsync(context, session, lease)
                : await TakeAsync(context, session, lease, isAhead: false);
            context.Response.StatusCode = isTaken ? StatusCodes.Status204NoContent : StatusCodes.Status410Gone;
        }
        catch (NoRoomException e)
        {
            context.Response.StatusCode = StatusCodes.Status507InsufficientStorage;
            await context.Response.WriteAsync(e.Message + "\n");
        }
        catch (Exception e) when ((e as RpcException ?? Gatekeeper.Worded(e)) is { } refusal)
        {
            await RefuseAsync(context, refusal.Status);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The node, or its link, has gone in the midst of it: it begins anew.
            context.Abort();
        }
    }

    private async Task<bool> TakeAheadAsync(HttpContext context, NodeSession session, Lease lease)
    {
        try
        {
            if (Interlocked.Increment(ref _ahead) > AheadAtOnce)
            {
                throw Refusals.TooMuchAhead();
            }

            return await TakeAsync(context, session, lease, isAhead: true);
        }
        finally
        {
            Interlocked.Decrement(ref _ahead);
        }
    }

    private async Task<bool> TakeAsync(HttpContext context, NodeSession session, Lease lease, bool isAhead)
    {
        // Without its link nobody sees whether the node is still there.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, session.Closed);
        return await new Delivery(session, loop, outputs, allowance, vitals, options.Heartbeat).ReceiveAsync(
            lease, isAhead, OutputPiece.ReadAsync(context.Request.BodyReader, ending.Token), ending.Token);
    }

    private static async Task RefuseAsync(HttpContext context, Status refusal)
    {
        var response = context.Response;
        response.StatusCode = refusal.StatusCode switch
        {
            // Of the body: the same bytes will never do. Everything else may be over when the node tries again.
            StatusCode.InvalidArgument => StatusCodes.Status422UnprocessableEntity,
            StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
            StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
            StatusCode.FailedPrecondition => StatusCodes.Status409Conflict,
            StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
            StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(refusal.Detail + "\n");
    }
}

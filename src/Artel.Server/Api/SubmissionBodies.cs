using Artel.Protocol.Client;
using Artel.Protocol.Maps;
using Grpc.Core;

namespace Artel.Server.Api;

/// <summary>Counts what is in a job that comes as JSON before anything is made of it, as <see cref="BoundedCluster"/> does for messages.</summary>
internal static class SubmissionBodies
{
    /// <summary>To stand behind whatever says who may call.</summary>
    public static void UseSubmissionBodies(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (!IsSubmission(context.Request))
        {
            await next(context);
            return;
        }

        try
        {
            var body = await ReadAsync(context.Request.Body, context.RequestAborted);
            BoundedCluster.Require(SubmissionSize.OfJson(body.GetBuffer().AsSpan(0, (int)body.Length)));
            context.Request.Body = body;
        }
        catch (RpcException e)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { code = (int)e.StatusCode, message = e.Status.Detail, details = Array.Empty<string>() }, context.RequestAborted);
            return;
        }

        await next(context);
    });

    private static bool IsSubmission(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && (request.Path == "/v1/jobs" || request.Path == "/v1/schedules");

    private static async Task<MemoryStream> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var read = new MemoryStream();
        var block = new byte[64 * 1024];
        int count;
        while ((count = await body.ReadAsync(block, cancellation)) > 0)
        {
            if (read.Length + count > ClusterChannel.MaxMessageBytes)
            {
                throw Refusals.Invalid($"the request has more than {Sizes.Format(ClusterChannel.MaxMessageBytes)}");
            }

            await read.WriteAsync(block.AsMemory(0, count), cancellation);
        }

        read.Position = 0;
        return read;
    }
}

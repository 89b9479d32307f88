using System.Globalization;
using System.Security.Claims;
using Artel.Dashboard.Addresses;
using Artel.Dashboard.Cluster;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Hosting;

/// <summary>Output of a task as a file, passed on as it comes, however much it is. Never shown as a page: what a task writes is not ours.</summary>
internal static class OutputEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/jobs/{job}/tasks/{task}/output", GetAsync);

    /// <param name="attempt">0 or nothing: the one in flight or the last one.</param>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>; nothing: stdout.</param>
    private static async Task GetAsync(
        HttpContext context, ClusterGate gate, ClaimsPrincipal visitor, string job, string task, string? attempt, string? stream)
    {
        if (AddressRules.Job.Read(job) is not { } jobNumber || AddressRules.Task.Read(task) is not { } taskNumber)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "a job and a task are whole numbers from 1");
            return;
        }

        var number = (int)(AddressRules.Count.Read(attempt) ?? 0);
        if (!string.IsNullOrEmpty(attempt) && AddressRules.Count.Read(attempt) is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"attempt is {AddressRules.Count.Expected}");
            return;
        }

        if ((stream ?? "stdout") is not ("stdout" or "stderr"))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "stream is stdout or stderr");
            return;
        }

        var wanted = stream == "stderr" ? V1.Stream.Stderr : V1.Stream.Stdout;
        var request = new V1.ReadOutputRequest { Job = jobNumber, Task = (int)taskNumber, Attempt = number, Streams = { wanted } };
        using var call = gate.As(Visitor.SecretOf(visitor), Visitor.AddressOf(visitor)).ReadOutput(request, cancellationToken: context.RequestAborted);
        try
        {
            // Until the first answer is there, a refusal can still be told as one.
            var any = await call.ResponseStream.MoveNext(context.RequestAborted);
            var which = number > 0 ? string.Create(CultureInfo.InvariantCulture, $"-attempt{number}") : "";
            var name = string.Create(CultureInfo.InvariantCulture, $"job{jobNumber}-task{taskNumber}{which}-{stream ?? "stdout"}.txt");
            Describe(context.Response, name);
            while (any)
            {
                await context.Response.Body.WriteAsync(call.ResponseStream.Current.Data.Memory, context.RequestAborted);
                any = await call.ResponseStream.MoveNext(context.RequestAborted);
            }
        }
        catch (RpcException) when (context.Response.HasStarted)
        {
            // A file that ends too soon must not look whole.
            context.Abort();
        }
        catch (RpcException e) when (!context.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(context, StatusOf(e.StatusCode), e.Status.Detail);
        }
    }

    private static void Describe(HttpResponse response, string file)
    {
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
    }

    private static int StatusOf(StatusCode status) => status switch
    {
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}

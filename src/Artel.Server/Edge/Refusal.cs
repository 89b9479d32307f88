using System.Globalization;
using System.Text;
using System.Text.Json;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Artel.Server.Edge;

/// <summary>Why a call was not let in.</summary>
internal readonly record struct Refusal(StatusCode Code, string Message)
{
    /// <summary>The HTTP status where there is no gRPC; null means the one that stands for <see cref="Code"/>.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>
    /// Answers in the form of the caller: trailers alone for gRPC, JSON for JSON routes, text for everything else. The body is not read: over HTTP/1.1 the
    /// connection closes instead, over HTTP/2 the stream is reset.
    /// </summary>
    public async Task WriteAsync(HttpContext context)
    {
        LeaveBody(context);
        var response = context.Response;
        if (IsGrpc(context))
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = ((int)Code).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = PercentEncode(Message);
            return;
        }

        response.StatusCode = HttpStatus ?? StatusOf(Code);
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null)
        {
            // As JSON transcoding writes a status (google.rpc.Status).
            response.ContentType = "application/json";
            await response.WriteAsync(JsonSerializer.Serialize(new { code = (int)Code, message = Message, details = Array.Empty<string>() }));
            return;
        }

        if (Code == StatusCode.FailedPrecondition)
        {
            response.StatusCode = StatusCodes.Status409Conflict;
        }

        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(Message + "\n");
    }

    public static bool IsGrpc(HttpContext context) =>
        context.Request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    private static void LeaveBody(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            return;
        }

        // What would be read and dropped after the answer is over the limit, so that the connection ends instead. Where there is no length to compare, it
        // ends a moment later.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = 0;
        }

        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
            context.Features.Get<ConnectionSlot>()?.EndSoon();
        }
        else if (context.Features.Get<ConnectionSlot>() is { IsTrusted: false })
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>The HTTP statuses that JSON transcoding uses (google/rpc/code.proto).</summary>
    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>As gRPC over HTTP/2 has it for <c>grpc-message</c>: printable ASCII but <c>%</c> as it is, the rest as bytes of UTF-8.</summary>
    private static string PercentEncode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            _ = b is >= 0x20 and < 0x7f and not (byte)'%' ? encoded.Append((char)b) : encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }
}

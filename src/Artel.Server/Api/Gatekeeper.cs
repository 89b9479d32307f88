using Artel.Server.Audit;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Artel.Server.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Artel.Server.Api;

/// <summary>Has calls recorded, and puts errors of the inside into words for the caller. Who may call was decided before: see <c>Edge/</c>.</summary>
internal sealed class Gatekeeper(CredentialStore credentials, AuditCalls audit) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await audit.RunAsync(request, context, continuation);
        }
        catch (Exception e) when (Worded(e, context) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (Worded(e, context) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception e) when (Worded(e, context) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception e) when (Worded(e, context) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>What a caller is told about what went wrong inside; null if that is not foreseen.</summary>
    public static RpcException? Worded(Exception e) => e switch
    {
        LoopStoppedException => Refusals.Stopping(e.Message),
        OutputDamagedException => new RpcException(new Status(StatusCode.DataLoss, e.Message)),
        DataRefusedException => Refusals.NotNow(e.Message),
        StoreException => new RpcException(new Status(StatusCode.Unavailable, e.Message)),
        _ => null,
    };

    /// <summary>The same, for a call that ended because its credential did.</summary>
    private RpcException? Worded(Exception e, ServerCallContext context) =>
        e is OperationCanceledException or IOException && context.GetHttpContext().Features.Get<Hold>() is { Ended.IsCancellationRequested: true } hold
            ? Refusals.Unauthenticated(credentials.Check(hold.Credential.Key).Problem)
            : Worded(e);
}

internal static class CallFacts
{
    /// <summary>Who calls. The edge has authenticated them, except for calls that need no credential.</summary>
    public static Principal Principal(this ServerCallContext context) => context.GetHttpContext().Principal();

    /// <inheritdoc cref="Principal(ServerCallContext)"/>
    public static Principal Principal(this HttpContext context) => (Principal)context.Items[typeof(Principal)]!;

    public static bool HasSecret(this HttpContext context) => context.Request.Headers.Authorization is [{ Length: > 0 }];

    /// <inheritdoc cref="Secret(HttpContext)"/>
    public static string Secret(this ServerCallContext context) => context.GetHttpContext().Secret();

    /// <summary>The secret that came with the call, by itself or within its ticket: that is what people have at hand for curl.</summary>
    public static string Secret(this HttpContext context) =>
        BearerHeader.SecretOf(context.Request.Headers.Authorization)
            ?? throw Refusals.Unauthenticated("this call needs a token: 'authorization: Bearer TOKEN'");

    /// <summary>Where the call comes from, <c>address:port</c>.</summary>
    public static string Address(this ServerCallContext context)
    {
        var connection = context.GetHttpContext().Connection;
        return $"{connection.RemoteIpAddress}:{connection.RemotePort}";
    }
}

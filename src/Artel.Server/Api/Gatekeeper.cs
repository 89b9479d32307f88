using Artel.Protocol.Client;
using Artel.Server.Loop;
using Artel.Server.Outputs;
using Artel.Server.Security;
using Artel.Server.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Role = Artel.Protocol.V1.Role;

namespace Artel.Server.Api;

/// <summary>Stands before every call, gRPC or JSON: checks the caller's protocol version, secret and role, and words the errors of the inside.</summary>
internal sealed class Gatekeeper(CredentialStore credentials) : Interceptor
{
    private static readonly Dictionary<string, Role> Required = new(StringComparer.Ordinal)
    {
        ["CreateLoginLink"] = Role.Viewer,
        ["OpenSession"] = Role.Viewer,
        ["CloseSession"] = Role.Viewer,
        ["GetStatus"] = Role.Viewer,
        ["ListJobs"] = Role.Viewer,
        ["GetJob"] = Role.Viewer,
        ["WatchJob"] = Role.Viewer,
        ["ListTasks"] = Role.Viewer,
        ["GetTask"] = Role.Viewer,
        ["Explain"] = Role.Viewer,
        ["ReadOutput"] = Role.Viewer,
        ["FetchResults"] = Role.Viewer,
        ["GroupFailures"] = Role.Viewer,
        ["GetJobStats"] = Role.Viewer,
        ["GetTaskMap"] = Role.Viewer,
        ["ListTemplates"] = Role.Viewer,
        ["ListAttempts"] = Role.Viewer,
        ["GetJobSpec"] = Role.Viewer,
        ["FindInOutput"] = Role.Viewer,
        ["GetHistory"] = Role.Viewer,
        ["GetSettings"] = Role.Viewer,
        ["GetUsage"] = Role.Viewer,
        ["ListNodes"] = Role.Viewer,
        ["GetNode"] = Role.Viewer,
        ["Submit"] = Role.User,
        ["Cancel"] = Role.User,
        ["Retry"] = Role.User,
        ["Hold"] = Role.User,
        ["Release"] = Role.User,
        ["SetJob"] = Role.User,
        ["WatchEvents"] = Role.Viewer,
        ["ListLimits"] = Role.Viewer,
        ["SetLimit"] = Role.User,
        ["ListSchedules"] = Role.Viewer,
        ["GetSchedule"] = Role.Viewer,
        ["AddSchedule"] = Role.User,
        ["PauseSchedule"] = Role.User,
        ["ResumeSchedule"] = Role.User,
        ["RunSchedule"] = Role.User,
        ["RemoveSchedule"] = Role.User,
    };

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e) when (Worded(e) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e) when (Worded(e) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        try
        {
            return await continuation(requestStream, context);
        }
        catch (Exception e) when (Worded(e) is { } refusal)
        {
            throw refusal;
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Admit(context);
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception e) when (Worded(e) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>What a caller is told of what went wrong inside; null where that is not foreseen.</summary>
    public static RpcException? Worded(Exception e) => e switch
    {
        LoopStoppedException => Refusals.Stopping(e.Message),
        OutputDamagedException => new RpcException(new Status(StatusCode.DataLoss, e.Message)),
        StoreException => new RpcException(new Status(StatusCode.Unavailable, e.Message)),
        _ => null,
    };

    /// <summary>Lets a node in at a call that is no gRPC, with the same checks.</summary>
    /// <exception cref="RpcException">Why not.</exception>
    public Principal AdmitNode(HttpContext context)
    {
        CheckVersion(context);
        var principal = Authenticate(context);
        RequireNode(principal);
        return principal;
    }

    private void Admit(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        CheckVersion(http);
        var method = context.Method[(context.Method.LastIndexOf('/') + 1)..];
        if (method == "Join" || (method == "OpenSession" && !http.HasSecret()))
        {
            // Its secret is a join token's, or the code of a login link, which the call itself uses up.
            return;
        }

        var principal = Authenticate(http);
        if (context.Method.StartsWith("/artel.v1.NodeLink/", StringComparison.Ordinal))
        {
            RequireNode(principal);
        }
        else
        {
            var required = Required.GetValueOrDefault(method, Role.Admin);
            if (principal.Role == Role.Node || principal.Role < required)
            {
                throw Refusals.Forbidden($"this needs the role {Name(required)}; the token '{principal.Name}' has the role {Name(principal.Role)}");
            }
        }

        http.Items[typeof(Principal)] = principal;
    }

    private Principal Authenticate(HttpContext context)
    {
        var check = credentials.Authenticate(context.Secret());
        return check.Principal ?? throw Refusals.Unauthenticated(check.Problem);
    }

    private static void RequireNode(Principal principal)
    {
        if (principal.Role != Role.Node)
        {
            throw Refusals.Forbidden("this call is for nodes: join with 'artel node start --join'");
        }
    }

    private static void CheckVersion(HttpContext context)
    {
        if (context.Request.Headers[ProtocolVersion.Header] is not [{ } said])
        {
            return;
        }

        if (!ProtocolVersion.TryParse(said, out var peer))
        {
            throw Refusals.Invalid($"'{ProtocolVersion.Header}: {said}' is no version: it is MAJOR.MINOR, such as {ProtocolVersion.Current}");
        }

        if (!ProtocolVersion.Current.WorksWith(peer))
        {
            throw Refusals.NotNow(ProtocolVersion.Refusal(ProtocolVersion.Current, peer, "this artel"));
        }
    }

    private static string Name(Role role) => role.ToString().ToLowerInvariant();
}

internal static class CallFacts
{
    /// <summary>Who calls. Only after <see cref="Gatekeeper"/> let the call in.</summary>
    public static Principal Principal(this ServerCallContext context) => (Principal)context.GetHttpContext().Items[typeof(Principal)]!;

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

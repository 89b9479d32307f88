using Artel.Server.Api;
using Artel.Server.Security;
using Artel.Server.Storage;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Audit;

/// <summary>Records the calls that change something, and those that are refused. Any thread may call.</summary>
internal sealed class AuditCalls(AuditLog log, CredentialStore credentials, BrowserAddresses browsers, DiskRoom room)
{
    /// <summary>Runs a call that was let in, and records it if it changes something.</summary>
    /// <returns>Its reply, once its record is on disk.</returns>
    public Task<TReply> RunAsync<TRequest, TReply>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TReply> call)
        where TRequest : class
        where TReply : class
    {
        var name = context.Method.AsSpan(context.Method.LastIndexOf('/') + 1);
        if (AuditRules.Find(name) is not { } rule)
        {
            return call(request, context);
        }

        var http = context.GetHttpContext();
        var caller = http.Items[typeof(Principal)] as Principal;
        if (caller is { Role: not V1.Role.Admin } && room.IsVeryLow)
        {
            // A record takes room whatever comes of the call: whoever repeats calls must not fill what is left.
            throw Refusals.NoRoom("the disk of the server has almost no room: until it has, only an admin can change anything");
        }

        var entry = new AuditEntry(rule.Call, caller, browsers.Of(http), rule.Subject(request));

        // Without a caller it is a login by link: whoever calls is known when it has succeeded.
        return caller is null ? RunLoginAsync(entry, rule, () => call(request, context))
            : RunAsync(entry, rule, () => call(request, context));
    }

    /// <summary>Records a call that was refused before it ran, be it a read.</summary>
    /// <param name="caller">Null if nobody was authenticated.</param>
    public void Refuse(HttpContext context, Principal? caller, StatusCode code, string reason) =>
        log.Refuse(new AuditEntry(NameOf(context), caller, browsers.Of(context), ""), AuditOutcome.Of(code), reason);

    private async Task<TReply> RunAsync<TReply>(AuditEntry entry, AuditRule rule, Func<Task<TReply>> call)
        where TReply : class
    {
        var begun = log.Begin(entry);
        var reply = await CallAsync(call, (outcome, reason) => log.End(begun, outcome, reason));
        await log.AnswerAsync(begun, AuditOutcome.Ok, rule.Result(reply));
        return reply;
    }

    /// <summary>Anyone may try a login, so only what succeeds and a bounded number of failures is recorded.</summary>
    private async Task<TReply> RunLoginAsync<TReply>(AuditEntry entry, AuditRule rule, Func<Task<TReply>> call)
        where TReply : class
    {
        var reply = await CallAsync(call, (outcome, reason) => log.Refuse(entry, outcome, reason));
        var caller = reply is V1.Session session ? credentials.Authenticate(session.Secret).Principal : null;
        await log.AddAsync(entry.By(caller), AuditOutcome.Ok, rule.Result(reply));
        return reply;
    }

    private static async Task<TReply> CallAsync<TReply>(Func<Task<TReply>> call, Action<string, string> failed)
    {
        try
        {
            return await call();
        }
        catch (Exception e)
        {
            var status = StatusOf(e);
            failed(AuditOutcome.Of(status.StatusCode), Reason(status));
            throw;
        }
    }

    private static Status StatusOf(Exception e) => e switch
    {
        RpcException rpc => rpc.Status,
        OperationCanceledException => new Status(StatusCode.Cancelled, "the caller did not wait for the answer"),
        _ => Gatekeeper.Worded(e)?.Status ?? new Status(StatusCode.Internal, e.GetType().Name),
    };

    /// <summary>Why a request was invalid may quote its arguments or environment, so that is left out.</summary>
    private static string Reason(Status status) => status.StatusCode == StatusCode.InvalidArgument ? "" : status.Detail;

    /// <summary>The name of a gRPC method, or method and path.</summary>
    private static string NameOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<Grpc.AspNetCore.Server.GrpcMethodMetadata>()?.Method.Name
            ?? $"{context.Request.Method} {context.Request.Path}";
}

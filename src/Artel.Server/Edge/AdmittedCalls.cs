using Artel.Server.Security;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Artel.Server.Edge;

/// <summary>
/// Runs calls that authorization let in: opens the body as far as the terms of the call say, and ends what lasts when its credential ends. Whoever
/// wants to know that a call has ended and how, learns it here.
/// </summary>
internal sealed class AdmittedCalls(CredentialStore credentials, CallRefusals refusals, MessageBudget budget, TimeProvider time)
{
    /// <summary>A call whose credential has ended has this long to tell its caller why.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(400);

    public Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var terms = context.GetEndpoint()!.Metadata.GetMetadata<CallTerms>()!;
        var caller = CallerIdentity.Of(context);
        if (caller is not null)
        {
            context.Items[typeof(Principal)] = caller.Principal;
            context.Features.Get<ConnectionSlot>()?.Trust(caller.Principal);
        }

        if (WrongBody(context, terms.Body) is { } refusal)
        {
            return refusals.RefuseAsync(context, refusal);
        }

        OpenBody(context, terms.Body);
        return caller is not null && terms.IsLasting ? RunLastingAsync(context, caller, terms, next) : RunBodyAsync(context, caller, terms.Body, next);
    }

    private async Task RunLastingAsync(HttpContext context, CallerIdentity caller, CallTerms terms, RequestDelegate next)
    {
        using var hold = credentials.Lives.Hold(caller.Credential);

        // It may have ended between the check and here.
        if (credentials.Check(caller.Credential.Key) is { Principal: null } ended)
        {
            await refusals.RefuseAsync(context, new Refusal(StatusCode.Unauthenticated, ended.Problem));
            return;
        }

        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, hold.Ended);
        context.RequestAborted = aborted.Token;
        context.Features.Set(hold);
        var running = RunBodyAsync(context, caller, terms.Body, next);
        try
        {
            await running.WaitAsync(hold.Ended);
        }
        catch (OperationCanceledException) when (hold.Ended.IsCancellationRequested)
        {
            if (await Task.WhenAny(running, Task.Delay(LastWord, time, CancellationToken.None)) != running)
            {
                context.Abort();
            }

            await running;
        }
    }

    private Task RunBodyAsync(HttpContext context, CallerIdentity? caller, BodyTerms body, RequestDelegate next)
    {
        if (body.MaxMessageBytes == 0)
        {
            return next(context);
        }

        var share = caller is null ? "" : caller.Principal.Node ?? caller.Principal.Token;
        return Refusal.IsGrpc(context) ? RunMessagesAsync(context, share, body, next)
            : context.Request.ContentLength is > MessageBudget.FreeBytes || (context.Request.ContentLength is null && HasBody(context))
                ? RunJsonAsync(context, share, body, next)
            : next(context);
    }

    private async Task RunMessagesAsync(HttpContext context, string share, BodyTerms body, RequestDelegate next)
    {
        using var messages = new BoundedMessages(context.Request.BodyReader, budget, share, body.MaxMessageBytes);
        context.Features.Set<IRequestBodyPipeFeature>(messages);
        await next(context);
    }

    private async Task RunJsonAsync(HttpContext context, string share, BodyTerms body, RequestDelegate next)
    {
        using var reserved = await budget.ReserveAsync(share, (context.Request.ContentLength ?? body.MaxBytes!.Value) * MessageBudget.JsonFactor, context.RequestAborted);
        if (reserved is null)
        {
            await refusals.RefuseAsync(context, new Refusal(StatusCode.ResourceExhausted, MessageBudget.Refusal));
            return;
        }

        await next(context);
    }

    private static bool HasBody(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    private static Refusal? WrongBody(HttpContext context, BodyTerms body)
    {
        if (body.MaxBytes is { } most && context.Request.ContentLength > most)
        {
            return new Refusal(StatusCode.ResourceExhausted, FormattableString.Invariant($"the body has {context.Request.ContentLength} bytes: this call takes at most {most}"))
            {
                HttpStatus = StatusCodes.Status413PayloadTooLarge,
            };
        }

        return body.IsForm && HasBody(context) && !IsUrlEncoded(context.Request.ContentType)
            ? new Refusal(StatusCode.InvalidArgument, "this takes a form in URL encoding: 'content-type: application/x-www-form-urlencoded'")
            {
                HttpStatus = StatusCodes.Status415UnsupportedMediaType,
            }
            : null;
    }

    private static bool IsUrlEncoded(string? type) => type is not null && type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static void OpenBody(HttpContext context, BodyTerms body)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = body.MaxBytes;
        }

        if (body.MayBeSlow && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}

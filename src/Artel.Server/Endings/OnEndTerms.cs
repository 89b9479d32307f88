using Artel.Protocol.V1;

namespace Artel.Server.Endings;

/// <summary>What follows the end of a job, as far as the store has to know to write it down together with the end.</summary>
/// <param name="WebhookHost">The allowed host that the webhook falls under; null: there is no webhook.</param>
internal sealed record OnEndTerms(bool OnSuccess, bool OnFailure, bool HasCommand, string? WebhookHost)
{
    /// <param name="document">A submission.</param>
    /// <returns>Null where nothing follows.</returns>
    public static OnEndTerms? Of(ReadOnlyMemory<byte> document, WebhookHosts hosts)
    {
        // Tasks, which may be many, are passed over unread.
        var onEnd = SubmissionOnEnd.Parser.WithDiscardUnknownFields(true).ParseFrom(document.Span).Job?.OnEnd;
        return onEnd is null
            ? null
            : new OnEndTerms(
                onEnd.When != OnEnd.Types.When.Failure, onEnd.When != OnEnd.Types.When.Success, onEnd.Command.Count > 0,
                onEnd.Webhook.Length > 0 ? hosts.Find(onEnd.Webhook) : null);
    }
}

using System.Buffers.Text;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Protocol.Client;

/// <summary>The one-line form of a <see cref="Ticket"/>: <c>artel_</c> and the message in base64url.</summary>
public static class Tickets
{
    /// <summary>What the code of a login link begins with, so that people and programs tell it from a token.</summary>
    public const string LoginCodePrefix = "login_";

    private const string Prefix = "artel_";

    public static string Format(Ticket ticket) => Prefix + Base64Url.EncodeToString(ticket.ToByteArray());

    /// <summary>The secret in a ticket; a text that is none is taken for the secret itself. People have the one at hand, programs the other.</summary>
    public static string SecretOf(string text) => Parse(text, out _)?.Secret ?? text;

    /// <summary>Reads a ticket. What is wrong with one that can not be read comes back in <paramref name="error"/>, without the text itself.</summary>
    public static Ticket? Parse(string text, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            error = $"this is no Artel token: one starts with '{Prefix}'";
            return null;
        }

        try
        {
            var ticket = Ticket.Parser.ParseFrom(Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length)));
            if (ticket.Addresses.Count > 0 && ServerPins.AreValid(ticket.Pin, ticket.NextPin) && ticket.Secret.Length > 0)
            {
                error = "";
                return ticket;
            }
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            // Said below: any such text is a damaged ticket.
        }

        error = "this Artel token is damaged or was cut: copy the whole line again";
        return null;
    }
}

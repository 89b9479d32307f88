using System.Buffers.Text;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Protocol.Tests.Client;

public sealed class TicketTests
{
    private static readonly Ticket Ticket = new()
    {
        Addresses = { "127.0.0.1:7070", "[::1]:7070" },
        Pin = ByteString.CopyFrom(new byte[32]),
        Secret = "s3cret/+=",
    };

    [Fact]
    public void A_ticket_is_one_word_that_reads_back()
    {
        var text = Tickets.Format(Ticket);

        Assert.Matches("^artel_[A-Za-z0-9_-]+$", text);
        Assert.Equal(Ticket, Tickets.Parse(text, out var error));
        Assert.Equal("", error);
    }

    [Fact]
    public void Spaces_and_line_ends_around_a_ticket_do_not_matter() =>
        Assert.Equal(Ticket, Tickets.Parse($"  {Tickets.Format(Ticket)}\r\n", out _));

    [Fact]
    public void Any_other_text_is_no_ticket()
    {
        Assert.Null(Tickets.Parse("hunter2", out var error));
        Assert.Equal("this is no Artel token: one starts with 'artel_'", error);
    }

    [Fact]
    public void A_ticket_cut_anywhere_is_refused_and_never_shown()
    {
        var text = Tickets.Format(Ticket);
        for (var length = "artel_".Length; length < text.Length; length++)
        {
            var ticket = Tickets.Parse(text[..length], out var error);

            // Cut inside the secret a ticket may still read as one with a shorter secret, which the server refuses.
            Assert.True(ticket is null || Ticket.Secret.StartsWith(ticket.Secret, StringComparison.Ordinal));
            if (ticket is null)
                Assert.Equal("this Artel token is damaged or was cut: copy the whole line again", error);
        }
    }

    [Theory]
    [InlineData("artel_")]
    [InlineData("artel_!!!!")]
    [InlineData("artel_AAAA")]
    [InlineData("artel_привет")]
    public void A_damaged_ticket_is_refused(string text)
    {
        Assert.Null(Tickets.Parse(text, out var error));
        Assert.StartsWith("this Artel token is damaged", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ticket_that_lacks_a_part_is_refused()
    {
        foreach (var lacking in new[] { Without(t => t.Addresses.Clear()), Without(t => t.Pin = ByteString.CopyFrom(1)), Without(t => t.Secret = "") })
            Assert.Null(Tickets.Parse("artel_" + Base64Url.EncodeToString(lacking.ToByteArray()), out _));

        static Ticket Without(Action<Ticket> take)
        {
            var ticket = Ticket.Clone();
            take(ticket);
            return ticket;
        }
    }

    [Fact]
    public void Access_from_a_ticket_never_shows_the_secret()
    {
        var access = ClusterAccess.From(Ticket);

        Assert.Equal(["127.0.0.1:7070", "[::1]:7070"], access.Addresses);
        Assert.Equal(Ticket.Secret, access.Secret);
        Assert.DoesNotContain(Ticket.Secret, access.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1:7070, [::1]:7070 (sha256:", access.ToString(), StringComparison.Ordinal);
    }
}

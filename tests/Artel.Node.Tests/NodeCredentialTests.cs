using Artel.Node.Tests.Link;
using Artel.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Artel.Node.Tests;

public sealed class NodeCredentialTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Ticket Ticket => new()
    {
        Addresses = { _server.Access.Addresses },
        Pin = ByteString.CopyFrom(_server.Access.Pin.Hash.Span),
        Secret = "join-secret",
        Role = Role.Node,
    };

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_join_token_buys_a_credential_of_the_nodes_own()
    {
        var join = await NodeCredential.JoinAsync(Ticket, "render-07", null, Ct);

        Assert.Equal("Bearer join-secret", _server.SeenAuthorization);
        Assert.Equal(("render-07", "secret-of-render-07", Role.Node), (join.Credential!.Id, join.Credential.Ticket.Secret, join.Credential.Ticket.Role));
        Assert.Equal(_server.Access.Addresses, join.Credential.Access.Addresses);
        Assert.DoesNotContain("secret", join.Credential.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_is_kept_for_its_owner_alone()
    {
        var folder = Path.Combine(_folder.Path, "new");
        var credential = new NodeCredential("1", Ticket);

        credential.Save(folder);
        credential.Save(folder);

        Assert.Equal(credential, NodeCredential.Load(folder, out var error));
        Assert.Equal("", error);
        Assert.Equal(["credential"], Directory.GetFiles(folder).Select(Path.GetFileName));
        if (OperatingSystem.IsWindows())
            return;

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "credential")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void Addresses_that_worked_stay_and_those_that_the_server_says_of_itself_are_replaced()
    {
        var ticket = Ticket;
        ticket.Addresses.Clear();
        ticket.Addresses.Add(["tunnel:1", "old:1"]);
        var next = ByteString.CopyFrom([.. Enumerable.Repeat((byte)7, 32)]);
        var identity = new ServerIdentity { Addresses = { "new:1", "new:2" }, Pin = ticket.Pin, NextPin = next };

        var learned = new NodeCredential("1", ticket).With(identity, "tunnel:1");
        var moved = learned.With(new ServerIdentity(identity) { Pin = next, NextPin = ByteString.Empty }, "new:2");

        Assert.Equal(["tunnel:1", "new:1", "new:2"], learned.Ticket.Addresses);
        Assert.Equal(next, learned.Ticket.NextPin);
        Assert.Equal(["new:2", "tunnel:1", "new:1"], moved.Ticket.Addresses);
        Assert.Equal((next, ByteString.Empty, 2), (moved.Ticket.Pin, moved.Ticket.NextPin, moved.Worked));
    }

    [Fact]
    public void A_folder_without_a_credential_is_no_error()
    {
        Assert.Null(NodeCredential.Load(_folder.Path, out var error));
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("id: 1\n")]
    [InlineData("id: 1\nticket: artel_xx\n")]
    [InlineData("id: a b\nticket: artel_xx\n")]
    public void A_damaged_credential_says_what_to_do(string content)
    {
        _folder.File("credential", content);

        Assert.Null(NodeCredential.Load(_folder.Path, out var error));

        Assert.EndsWith("is damaged: remove it and join again with a new token", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_id_that_is_none_is_refused_before_anything_is_sent(string id)
    {
        var join = await NodeCredential.JoinAsync(Ticket, id, null, Ct);

        Assert.Equal(NodeJoinFailure.WrongId, join.Failure);
        Assert.Null(_server.SeenAuthorization);
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, NodeJoinFailure.Refused)]
    [InlineData(StatusCode.PermissionDenied, NodeJoinFailure.Refused)]
    [InlineData(StatusCode.AlreadyExists, NodeJoinFailure.IdTaken)]
    [InlineData(StatusCode.FailedPrecondition, NodeJoinFailure.Version)]
    [InlineData(StatusCode.Unavailable, NodeJoinFailure.Unreachable)]
    public async Task What_the_server_refuses_is_told_apart(StatusCode status, NodeJoinFailure failure)
    {
        _server.Refusal = new Status(status, "as the server says");

        var join = await NodeCredential.JoinAsync(Ticket, "1", null, Ct);

        Assert.Equal((failure, null), (join.Failure, join.Credential));
        Assert.NotEmpty(join.Message);
    }

    [Fact]
    public async Task A_server_with_another_pin_is_never_told_the_secret()
    {
        await using var other = await new ScriptedServer().Start();
        var ticket = new Ticket(Ticket);
        ticket.Addresses.Clear();
        ticket.Addresses.Add(other.Access.Addresses);

        var join = await NodeCredential.JoinAsync(ticket, "1", null, Ct);

        Assert.Equal(NodeJoinFailure.OtherServer, join.Failure);
        Assert.Contains("does not have the key that this token names", join.Message, StringComparison.Ordinal);
        Assert.Null(other.SeenAuthorization);
    }

    [Fact]
    public async Task An_address_that_does_not_answer_is_followed_by_the_next()
    {
        await using var gone = await new ScriptedServer().Start();
        var ticket = new Ticket(Ticket);
        ticket.Addresses.Insert(0, gone.Access.Addresses[0]);
        await gone.Stop();

        Assert.NotNull((await NodeCredential.JoinAsync(ticket, "1", null, Ct)).Credential);
    }
}

using System.Text;
using Artel.Protocol.V1;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;
using Microsoft.Extensions.Time.Testing;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Security;

/// <summary>Who is let in, and why not.</summary>
public sealed class CredentialStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero));
    private DataFolder? _data;
    private Database? _database;
    private CredentialStore? _credentials;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private CredentialStore Credentials => _credentials!;

    public async ValueTask InitializeAsync()
    {
        _data = DataFolder.Open(_folder["data"]);
        _database = await Database.OpenAsync(_data, Cancellation);
        _credentials = await CredentialStore.OpenAsync(_database, _time, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.User)]
    [InlineData(Role.Admin)]
    public async Task A_token_lets_its_holder_in_with_its_role_and_name(Role role)
    {
        var (secret, token) = await Credentials.CreateTokenAsync(role, "ada", Hour, 0, Cancellation);

        var principal = Credentials.Authenticate(secret).Principal;

        Assert.Equal(new Principal(token.Id, role, "ada", null), principal);
    }

    [Fact]
    public async Task A_token_for_one_node_lets_no_other_join_and_loses_no_use_over_it()
    {
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 1, "7", Cancellation);

        var other = await Credentials.JoinAsync(join, "8", Cancellation);
        var own = await Credentials.JoinAsync(join, "7", Cancellation);

        Assert.Equal(JoinRefusal.OtherNode, other.Refusal);
        Assert.Contains("this token is for node 7 only", other.Problem, StringComparison.Ordinal);
        Assert.Equal("7", Credentials.Authenticate(own.Secret!).Principal!.Node);
    }

    [Fact]
    public async Task Tokens_and_what_became_of_them_survive_a_restart()
    {
        var (good, _) = await Credentials.CreateTokenAsync(Role.User, "good", Hour, 0, Cancellation);
        var (revoked, token) = await Credentials.CreateTokenAsync(Role.User, "revoked", Hour, 0, Cancellation);
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "join", Hour, 2, Cancellation);
        var kept = await Credentials.JoinAsync(join, "kept", Cancellation);
        var forgotten = await Credentials.JoinAsync(join, "forgotten", Cancellation);
        await Credentials.RevokeTokenAsync(token.Id, force: false, Cancellation);
        await Credentials.ForgetNodeAsync("forgotten", Cancellation);
        var listed = Credentials.ListTokens();

        await ReopenAsync();

        Assert.Equal(listed, Credentials.ListTokens());
        Assert.Equal("good", Credentials.Authenticate(good).Principal!.Name);
        Assert.Equal("this token was revoked", Credentials.Authenticate(revoked).Problem);
        Assert.Equal("kept", Credentials.Authenticate(kept.Secret!).Principal!.Node);
        Assert.Contains("was forgotten", Credentials.Authenticate(forgotten.Secret!).Problem, StringComparison.Ordinal);
        Assert.Contains("used up", (await Credentials.JoinAsync(join, "third", Cancellation)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_told_when_it_expired()
    {
        var (secret, _) = await Credentials.CreateTokenAsync(Role.User, "ada", Hour, 0, Cancellation);

        _time.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.NotNull(Credentials.Authenticate(secret).Principal);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(Credentials.Authenticate(secret).Principal);
        Assert.Equal("this token expired on 2026-01-01 11:00 UTC", Credentials.Authenticate(secret).Problem);
    }

    [Fact]
    public async Task A_revoked_token_lets_nobody_in_from_that_moment()
    {
        var (secret, token) = await Credentials.CreateTokenAsync(Role.User, "ada", Hour, 0, Cancellation);

        Assert.Equal(Revocation.Revoked, await Credentials.RevokeTokenAsync(token.Id, force: false, Cancellation));

        Assert.Equal(new AuthenticationResult(null, "this token was revoked"), Credentials.Authenticate(secret));
        Assert.True(Assert.Single(Credentials.ListTokens()).Revoked);
        Assert.Equal(Revocation.NoSuchToken, await Credentials.RevokeTokenAsync("no-such-id", force: false, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("ключ 🔑\0")]
    public void A_secret_that_nobody_was_given_lets_nobody_in(string secret) =>
        Assert.Equal(new AuthenticationResult(null, "this cluster does not know this token"), Credentials.Authenticate(secret));

    [Fact]
    public async Task A_node_that_joined_has_a_secret_of_its_own()
    {
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "rack 4", Hour, 1, Cancellation);

        var joined = await Credentials.JoinAsync(join, "render-07", Cancellation);

        Assert.NotEqual(join, joined.Secret);
        var principal = Credentials.Authenticate(joined.Secret!).Principal!;
        Assert.Equal((Role.Node, "render-07"), (principal.Role, principal.Node));
        Assert.DoesNotContain(joined.Secret!, joined.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_credential_of_a_node_outlives_its_join_token()
    {
        var (join, token) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 0, Cancellation);
        var joined = await Credentials.JoinAsync(join, "1", Cancellation);

        await Credentials.RevokeTokenAsync(token.Id, force: false, Cancellation);
        _time.Advance(TimeSpan.FromDays(1000));

        Assert.NotNull(Credentials.Authenticate(joined.Secret!).Principal);
    }

    [Fact]
    public async Task A_join_is_refused_with_the_reason()
    {
        var (user, _) = await Credentials.CreateTokenAsync(Role.Admin, "ada", Hour, 0, Cancellation);
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 0, Cancellation);
        await Credentials.JoinAsync(join, "1", Cancellation);

        Assert.Equal(JoinRefusal.WrongRole, (await Credentials.JoinAsync(user, "2", Cancellation)).Refusal);
        Assert.Equal(JoinRefusal.InvalidToken, (await Credentials.JoinAsync("nonsense", "2", Cancellation)).Refusal);
        var taken = await Credentials.JoinAsync(join, "1", Cancellation);
        Assert.Equal((null, JoinRefusal.NodeTaken), (taken.Secret, taken.Refusal));
        Assert.Contains("'artel node forget 1'", taken.Problem, StringComparison.Ordinal);

        _time.Advance(Hour);
        Assert.Contains("expired on", (await Credentials.JoinAsync(join, "2", Cancellation)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forgotten_node_is_out_and_its_id_is_free_again()
    {
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 0, Cancellation);
        var first = await Credentials.JoinAsync(join, "1", Cancellation);

        Assert.True(await Credentials.ForgetNodeAsync("1", Cancellation));
        Assert.False(await Credentials.ForgetNodeAsync("1", Cancellation));

        Assert.Equal("node 1 was forgotten", Credentials.Authenticate(first.Secret!).Problem);
        var second = await Credentials.JoinAsync(join, "1", Cancellation);
        Assert.Equal("1", Credentials.Authenticate(second.Secret!).Principal!.Node);
        Assert.Null(Credentials.Authenticate(first.Secret!).Principal);
    }

    [Fact]
    public async Task A_join_token_lets_in_no_more_nodes_than_it_has_uses_even_at_the_same_time()
    {
        var (join, token) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 3, Cancellation);

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 12).Select(i => Task.Run(() => Credentials.JoinAsync(join, $"{i}", Cancellation))));

        Assert.Equal(3, outcomes.Count(outcome => outcome.Secret is not null));
        Assert.All(outcomes.Where(outcome => outcome.Secret is null), outcome => Assert.Contains("used up", outcome.Problem, StringComparison.Ordinal));
        Assert.Equal(0, Credentials.ListTokens().Single(each => each.Id == token.Id).UsesLeft);
    }

    [Fact]
    public async Task One_id_is_given_to_one_node_even_where_two_ask_at_the_same_time()
    {
        var (join, token) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 9, Cancellation);

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 8).Select(_ => Task.Run(() => Credentials.JoinAsync(join, "same", Cancellation))));

        Assert.Single(outcomes, outcome => outcome.Secret is not null);
        Assert.Equal(8, Credentials.ListTokens().Single(each => each.Id == token.Id).UsesLeft);
    }

    [Fact]
    public async Task A_token_that_is_to_last_for_ever_lasts_to_the_end_of_time()
    {
        var (secret, _) = await Credentials.CreateTokenAsync(Role.User, "", TimeSpan.MaxValue, 0, Cancellation);
        await ReopenAsync();

        Assert.NotNull(Credentials.Authenticate(secret).Principal);
    }

    [Fact]
    public async Task No_file_of_the_server_contains_a_secret()
    {
        var secrets = new List<string>();
        var (join, _) = await Credentials.CreateTokenAsync(Role.Node, "", Hour, 0, Cancellation);
        secrets.Add(join);
        for (var i = 0; i < 20; i++)
        {
            secrets.Add((await Credentials.CreateTokenAsync(Role.User, "ada", Hour, 0, Cancellation)).Secret);
            secrets.Add((await Credentials.JoinAsync(join, $"{i}", Cancellation)).Secret!);
        }

        await CloseAsync();

        var files = Directory.GetFiles(_folder["data"], "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith("artel.db", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var content = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation));
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, content, StringComparison.Ordinal));
            Assert.All(secrets, secret => Assert.DoesNotContain(
                Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(secret)), content, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Secrets_are_256_random_bits_each()
    {
        var secrets = Enumerable.Range(0, 1000).Select(_ => Secrets.New()).ToHashSet();

        Assert.Equal(1000, secrets.Count);
        Assert.All(secrets, secret => Assert.Equal(32, System.Buffers.Text.Base64Url.DecodeFromChars(secret).Length));
    }

    private async Task ReopenAsync()
    {
        await CloseAsync();
        await InitializeAsync();
    }

    private async Task CloseAsync()
    {
        _credentials!.Dispose();
        await _database!.DisposeAsync();
        _data!.Dispose();
    }
}

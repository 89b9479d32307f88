using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;
using Microsoft.Extensions.Time.Testing;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Security;

/// <summary>The file by which the command line beside the server works at once.</summary>
public sealed class AccessFileTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero));
    private readonly ServerLife _life = new() { Epoch = 1, Started = DateTimeOffset.UnixEpoch, Addresses = ["127.0.0.1:7070"] };
    private DataFolder? _data;
    private Database? _database;
    private CredentialStore? _credentials;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AccessFile Access => new(_folder["home"]);

    public async ValueTask InitializeAsync()
    {
        _data = DataFolder.Open(_folder["data"]);
        _database = await Database.OpenAsync(_data, Cancellation);
        _credentials = await CredentialStore.OpenAsync(_database, _time, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _credentials!.Dispose();
        await _database!.DisposeAsync();
        _data!.Dispose();
        _life.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_holds_one_line_that_is_a_good_admin_ticket()
    {
        await WriteAsync();

        var text = await File.ReadAllTextAsync(Access.Path, Cancellation);
        Assert.Equal(1, text.Count(c => c == '\n'));
        var ticket = await ReadAsync();
        Assert.Equal(Role.Admin, ticket.Role);
        Assert.Equal(["127.0.0.1:7070"], ticket.Addresses);
        Assert.Equal(Role.Admin, _credentials!.Authenticate(ticket.Secret).Principal!.Role);
    }

    [Fact]
    public async Task It_is_for_its_owner_alone_even_where_it_was_not_before()
    {
        await WriteAsync();
        Assert.Equal(("600", "700"), (FileModes.Of(Access.Path), FileModes.Of(_folder["home"])));

        FileModes.Set(Access.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await WriteAsync();

        Assert.Equal("600", FileModes.Of(Access.Path));
        Assert.Single(Directory.GetFiles(_folder["home"]));
    }

    [Fact]
    public async Task A_later_start_keeps_the_token_and_renews_the_addresses()
    {
        await WriteAsync();
        var before = await ReadAsync();

        _life.Addresses = ["127.0.0.1:8080"];
        await WriteAsync();

        var after = await ReadAsync();
        Assert.Equal(before.Secret, after.Secret);
        Assert.Equal(["127.0.0.1:8080"], after.Addresses);
        Assert.Single(_credentials!.ListTokens());
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("revoked")]
    [InlineData("expired")]
    [InlineData("another cluster's")]
    [InlineData("not an admin's")]
    public async Task A_file_that_is_no_good_any_more_gets_a_new_token(string trouble)
    {
        await WriteAsync();
        var before = await ReadAsync();
        await MakeAsync(trouble, before);

        await WriteAsync();

        var after = await ReadAsync();
        Assert.NotEqual(before.Secret, after.Secret);
        Assert.Equal(Role.Admin, _credentials!.Authenticate(after.Secret).Principal!.Role);
    }

    [Fact]
    public async Task A_home_that_can_not_be_written_is_named()
    {
        await File.WriteAllTextAsync(_folder["home"], "", Cancellation);

        var failure = await Assert.ThrowsAsync<StoreException>(WriteAsync);

        Assert.Contains(Access.Path, failure.Message, StringComparison.Ordinal);
    }

    private async Task MakeAsync(string trouble, Ticket ticket)
    {
        switch (trouble)
        {
            case "missing":
                File.Delete(Access.Path);
                break;
            case "damaged":
                await File.WriteAllTextAsync(Access.Path, "artel_xyz", Cancellation);
                break;
            case "revoked":
                await _credentials!.RevokeTokenAsync(_credentials.ListTokens()[0].Id, force: true, Cancellation);
                break;
            case "expired":
                _time.Advance(TimeSpan.FromDays(4000));
                break;
            case "another cluster's":
                ticket.Secret = Secrets.New();
                await File.WriteAllTextAsync(Access.Path, Tickets.Format(ticket), Cancellation);
                break;
            default:
                ticket.Secret = (await _credentials!.CreateTokenAsync(Role.User, "", TimeSpan.FromDays(1), 0, Cancellation)).Secret;
                await File.WriteAllTextAsync(Access.Path, Tickets.Format(ticket), Cancellation);
                break;
        }
    }

    private Task WriteAsync() =>
        Access.WriteAsync(_credentials!, new TicketPrinter(() => new ServerPins(new CertificatePin(new byte[32])), _life, "cluster"), Cancellation);

    private async Task<Ticket> ReadAsync() => Tickets.Parse(await File.ReadAllTextAsync(Access.Path, Cancellation), out _)!;
}

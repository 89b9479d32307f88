using Artel.Protocol.V1;
using Artel.Testing;
using Stream = Artel.Protocol.V1.Stream;

namespace Artel.Node.Tests.Link;

/// <summary>
/// Delivery cannot wedge: what can never be delivered is reported as lost, once, and what is behind it is delivered.
/// </summary>
public sealed class LostResultTests : IAsyncLifetime
{
    private const int Length = 300_000;

    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "spool", "output");

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("gone", "the file with its output is gone")]
    [InlineData("short", "the file with its output is 100 bytes short")]
    [InlineData("changed", "the file with its output was changed")]
    [InlineData("folder gone", "the file with its output is gone")]
    public async Task A_result_whose_file_was_damaged_by_hand_is_reported_as_lost_once(string damage, string reason)
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("flood", $"{Length}"), count: 2);
        await link.Result(1);
        await link.Result(2);
        Damage(Path.Combine(Output, "1-1.out"), damage);

        await Ask(link, 1);
        await Eventually.Holds(
            () => link.Results.Count(r => r.Lease.Sequence == 1) == 2, "it is reported once more", link.Describe);
        var lost = link.Results.Last(r => r.Lease.Sequence == 1);
        Assert.Equal((AttemptOutcome.Lost, NodeState.Failed, false), (lost.Outcome, lost.State, lost.DataFollows));
        Assert.Equal($"its node has lost its result: {reason}", lost.Message);
        Assert.NotNull(lost.Started);
        if (damage != "folder gone")
        {
            await Ask(link, 2);
            await Eventually.Holds(() => Came(2) == Length, "the other is delivered", link.Describe);
        }

        await link.Settle(1);
        await Ask(link, 1);
        await link.Grant(Templates.Run("/bin/true"), first: 9, templateNumber: 1);
        await link.Result(9);
        Assert.Equal(2, link.Results.Count(r => r.Lease.Sequence == 1));
    }

    [Fact]
    public async Task A_file_that_has_grown_is_delivered_as_it_was_announced()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("flood", $"{Length}"));
        await link.Result(1);
        await File.AppendAllTextAsync(Path.Combine(Output, "1-1.out"), "what a write that failed has left");

        await Ask(link, 1);

        await Eventually.Holds(() => Came(1) >= Length && _server.Deliveries == 1, "it is delivered", link.Describe);
        Assert.Equal(Length, Came(1));
        Assert.Single(link.Results);
    }

    [Fact]
    public async Task What_the_server_refuses_for_good_is_reported_as_lost_and_not_sent_again()
    {
        _server.DeliveryRefusal = 422;
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("flood", $"{Length}"));
        await link.Result(1);

        await Ask(link, 1);

        await Eventually.Holds(() => link.Results.Count == 2, "it is reported as lost", link.Describe);
        const string lost = "its node has lost its result: the server refuses its output";
        Assert.StartsWith(lost, link.Results[1].Message, StringComparison.Ordinal);
        Assert.Equal(1, _server.Deliveries);
    }

    [Fact]
    public async Task What_the_server_refuses_for_now_is_sent_again()
    {
        _server.DeliveryRefusal = 503;
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("flood", $"{Length}"));
        await link.Result(1);

        await Ask(link, 1);
        await Eventually.Holds(() => _server.Deliveries == 2, "it is tried again", link.Describe);
        _server.DeliveryRefusal = null;

        await Eventually.Holds(() => Came(1) == Length, "it is delivered", link.Describe);
        Assert.Single(link.Results);
    }

    private static Task Ask(ScriptedLink link, long sequence) =>
        link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = new LeaseId(1, sequence).ToLease() } });

    private int Came(long sequence) =>
        _server.Delivered.TryGetValue((new LeaseId(1, sequence), Stream.Stdout), out var data) ? data.Count : 0;

    private static void Damage(string path, string damage)
    {
        switch (damage)
        {
            case "gone":
                File.Delete(path);
                break;
            case "folder gone":
                Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
                break;
            case "short":
                using (var file = File.OpenWrite(path))
                    file.SetLength(Length - 100);

                break;
            default:
                using (var file = File.OpenWrite(path))
                {
                    file.Position = Length - 5;
                    file.WriteByte(0xFF);
                }

                break;
        }
    }
}

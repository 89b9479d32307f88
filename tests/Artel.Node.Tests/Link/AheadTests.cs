using Artel.Protocol.V1;
using Artel.Testing;
using Stream = Artel.Protocol.V1.Stream;

namespace Artel.Node.Tests.Link;

/// <summary>Long output that is sent while its attempt runs, where the server allows it.</summary>
public sealed class AheadTests
{
    private const int Long = 5_000_000;

    [Fact]
    public async Task Long_output_is_sent_while_it_is_written_and_ends_when_the_server_asks()
    {
        await using var server = await StartServer();
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();

        await link.Grant(Writing(folder));
        await Eventually.Holds(() => Came(server) > Long, "more than is long comes", () => $"{Came(server)} bytes came");
        Assert.Empty(link.Results);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "go"), "");
        var result = await link.Result(1);
        Assert.True(result.DataFollows);
        Assert.InRange(Came(server), Long, result.Stdout.Length);
        Assert.False(server.Delivered.ContainsKey((new LeaseId(1, 1), Stream.Stderr)));
        await link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = new Lease { Epoch = 1, Sequence = 1 } } });

        await Eventually.Holds(() => Came(server) == result.Stdout.Length, "all of it comes", () => $"{Came(server)} of {result.Stdout.Length} bytes came");
        await Eventually.Holds(() => server.Delivered.TryGetValue((new LeaseId(1, 1), Stream.Stderr), out var b) && b.Count == 6, "the short stream comes", link.Describe);
        Assert.Equal(1, server.Deliveries);

        // Also what was sent is kept until the last OK.
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder.Path, "spool", "output")));
        await link.Settle(1);
        await Eventually.Holds(() => Directory.GetFiles(Path.Combine(folder.Path, "spool", "output")).Length == 0, "its copy goes", link.Describe);
    }

    [Fact]
    public async Task What_the_server_does_not_take_ahead_is_delivered_anew_when_it_asks()
    {
        await using var server = await StartServer();
        server.DeliveryRefusal = 429;
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();

        await link.Grant(Writing(folder));
        await Eventually.Holds(() => server.Deliveries == 1, "it is tried", link.Describe);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "go"), "");
        var result = await link.Result(1);
        server.DeliveryRefusal = null;
        await link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = new Lease { Epoch = 1, Sequence = 1 } } });

        await Eventually.Holds(() => Came(server) == result.Stdout.Length, "all of it comes", () => $"{Came(server)} of {result.Stdout.Length} bytes came");
        Assert.Equal(2, server.Deliveries);
    }

    [Fact]
    public async Task What_is_sent_ahead_is_broken_off_where_the_attempt_is_not_wanted_any_more()
    {
        await using var server = await StartServer();
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();

        await link.Grant(Writing(folder));
        await Eventually.Holds(() => Came(server) > Long, "more than is long comes", () => $"{Came(server)} bytes came");
        await link.End(1, revoked: true);

        await Eventually.Holds(() => server.BrokenDeliveries == 1, "the delivery is broken off", link.Describe);
        Assert.Empty(link.Results);
    }

    [Fact]
    public async Task Without_credit_nothing_is_sent_before_the_server_asks()
    {
        await using var server = await new ScriptedServer().Start();
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();

        await link.Grant(Writing(folder));
        await Eventually.Holds(
            () => Directory.GetFiles(Path.Combine(folder.Path, "spool", "output")).Any(f => new FileInfo(f).Length > Long), "it writes much", link.Describe);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "go"), "");
        await link.Result(1);

        Assert.Equal(0, server.Deliveries);
    }

    private static async Task<ScriptedServer> StartServer()
    {
        var server = new ScriptedServer();
        server.Welcome.DeliverAhead = 1;
        return await server.Start();
    }

    /// <summary>Writes much, and on until it may end.</summary>
    private static TaskTemplate Writing(TemporaryFolder folder) => Templates.Shell(
        $"echo error >&2; head -c {Long} /dev/zero; while [ ! -e {Path.Combine(folder.Path, "go")} ]; do head -c 70000 /dev/zero; sleep 0.05; done");

    private static int Came(ScriptedServer server) =>
        server.Delivered.TryGetValue((new LeaseId(1, 1), Stream.Stdout), out var bytes) ? bytes.Count : 0;
}

using System.Diagnostics;
using System.Text;
using Artel.Protocol.V1;
using Artel.Testing;
using Grpc.Core;

namespace Artel.Node.Tests.Link;

/// <summary>What an agent says and does on its link, seen from the server.</summary>
public sealed class LinkTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_node_first_says_who_it_is_and_then_that_it_waits()
    {
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { Labels = new Dictionary<string, string> { ["rack"] = "4" } });

        var link = await _server.Link();

        Assert.Equal("Bearer node-secret", _server.SeenAuthorization);
        Assert.Equal(("n1", "9.9", 2000), (link.Hello.Node, link.Hello.Version, link.Hello.Resources.MilliCpus));
        Assert.Equal("4", link.Hello.Labels["rack"]);
        Assert.Equal("linux", link.Hello.Labels["os"]);
        Assert.Empty(link.Hello.Held);
        Assert.Empty(link.Hello.Finished);
        await Eventually.Holds(() => link.Heartbeats.Count >= 3, "heartbeats come");
        Assert.All(link.Heartbeats, h => Assert.Equal((NodeState.Waiting, 0, 0), (h.Heartbeat.State, h.Heartbeat.Running, h.Heartbeat.Backlog)));
        Assert.Empty(link.Said);
    }

    [Fact]
    public async Task A_task_is_started_and_ends_with_its_status_and_output()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();

        await link.Grant(Templates.Program("both", "привет 🦊", "oh"));
        var result = await link.Result(1);

        Assert.Equal([new LeaseId(1, 1)], link.Started);
        Assert.Equal((NodeState.Succeeded, AttemptOutcome.Succeeded, 0, false), (result.State, result.Outcome, result.ExitStatus, result.DataFollows));
        Assert.Equal("привет 🦊\n", result.StdoutData.ToStringUtf8());
        Assert.Equal("oh\n", result.StderrData.ToStringUtf8());
        Assert.Equal((result.StdoutData.Length, (long)result.StdoutData.Length), (result.Stdout.Length, result.Stdout.Written));
        Assert.True(result.Usage.Wall.ToTimeSpan() > TimeSpan.Zero);
        Assert.True(result.Started.ToDateTimeOffset() > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task The_four_states_of_a_node_are_told_by_its_heartbeat()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        Task Beats(NodeState state) => Eventually.Holds(
            () => link.Heartbeats is [.., var last] && last.Heartbeat.State == state, $"the state is {state}", () => $"{link.Heartbeats[^1]}");

        await Beats(NodeState.Waiting);
        await link.Grant(Templates.Shell("exit 1"), first: 1);
        await link.Result(1);
        await Beats(NodeState.Failed);
        await link.Settle(1);
        await Beats(NodeState.Waiting);
        await link.Grant(Templates.Program("polite", "60"), first: 2);
        await Beats(NodeState.Running);
        await link.End(2);
        await link.Result(2);
        await link.Settle(2);
        await link.Grant(Templates.Run("/bin/true"), first: 3);
        await link.Result(3);
        await Beats(NodeState.Succeeded);
        await link.Settle(3);
        await Beats(NodeState.Waiting);
    }

    [Fact]
    public async Task Long_output_waits_for_the_OK_and_is_kept_until_the_last_OK()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();

        await link.Grant(Templates.Program("flood", "3000000"));
        var result = await link.Result(1);

        Assert.True(result.DataFollows);
        Assert.Empty(result.StdoutData);
        Assert.Equal(3_000_000, result.Stdout.Length);
        Assert.Equal(0, _server.Deliveries);

        await link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = result.Lease } });
        var key = (new LeaseId(1, 1), Artel.Protocol.V1.Stream.Stdout);
        await Eventually.Holds(() => _server.Delivered.TryGetValue(key, out var data) && data.Count == 3_000_000, "the output arrives");
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "spool", "output")));

        await link.Settle(1);
        await Eventually.Holds(() => Directory.GetFiles(Path.Combine(_folder.Path, "spool", "output")).Length == 0, "the node deletes its copy");
        Assert.Single(link.Results);
        Assert.Equal(1, _server.Deliveries);
    }

    [Fact]
    public async Task Output_that_is_cut_is_the_beginning_byte_for_byte_and_the_program_is_not_disturbed()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var template = Templates.Program("flood", "5000000");
        template.OutputLimit = 10_240;

        await link.Grant(template);
        var result = await link.Result(1);

        Assert.Equal(AttemptOutcome.Succeeded, result.Outcome);
        Assert.Equal((10_240, 5_000_000), (result.Stdout.Length, result.Stdout.Written));
        Assert.Equal(10_240, result.StdoutData.Length);
    }

    [Fact]
    public async Task Output_is_kept_byte_for_byte()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();

        await link.Grant(Templates.Program("bytes", "00FF80C3280AFE00"));

        Assert.Equal(new byte[] { 0, 0xff, 0x80, 0xc3, 0x28, 0x0a, 0xfe, 0 }, (await link.Result(1)).StdoutData.ToByteArray());
    }

    [Fact]
    public async Task The_heartbeat_keeps_its_period_while_a_large_output_is_delivered()
    {
        const int size = 200_000_000;
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var template = Templates.Program("flood", $"{size}");
        template.OutputLimit = size;
        await link.Grant(template);
        var result = await link.Result(1);
        var from = Stopwatch.GetTimestamp();

        await link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = result.Lease } });
        var key = (new LeaseId(1, 1), Artel.Protocol.V1.Stream.Stdout);
        await Eventually.Holds(
            () => _server.Delivered.TryGetValue(key, out var data) && data.Count == size, "the output arrives", deadline: TimeSpan.FromSeconds(60));
        var took = Stopwatch.GetElapsedTime(from);

        var times = link.Heartbeats.Select(h => h.At).Where(at => at > from).ToArray();
        var gaps = times.Zip(times.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a, b).TotalMilliseconds).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"200 MB in {took.TotalSeconds:0.00} s; longest gap between heartbeats of 100 ms: {gaps.DefaultIfEmpty().Max():0} ms");
        Assert.True(times.Length >= took.TotalMilliseconds / 100 * 0.5, $"{times.Length} heartbeats in {took}");
        Assert.All(gaps, gap => Assert.InRange(gap, 0, 1000));
    }

    [Fact]
    public async Task A_stuck_delivery_delays_neither_heartbeats_nor_results()
    {
        var unstuck = new TaskCompletionSource();
        _server.BeforePiece = () => unstuck.Task;
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("flood", "30000000"));
        var result = await link.Result(1);
        await link.Send(new ServerMessage { SendOutput = new SendOutput { Lease = result.Lease } });
        await Eventually.Holds(() => _server.Deliveries == 1, "the delivery begins");
        var beats = link.Heartbeats.Count;

        await link.Grant(Templates.Run("/bin/true"), first: 2);

        await link.Result(2);
        await Eventually.Holds(() => link.Heartbeats.Count > beats + 3, "heartbeats come");
        unstuck.SetResult();
    }

    [Fact]
    public async Task A_running_task_can_be_watched()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Shell("sleep 0.3; echo first; while [ ! -e go ]; do sleep 0.02; done; echo last").In(_folder.Path));
        await link.HasStarted(1);
        string Seen() => _server.Tails.TryGetValue(5, out var chunks) ? Encoding.UTF8.GetString([.. chunks.SelectMany(c => c.Data)]) : "";

        await link.Send(new ServerMessage { TailOutput = new TailOutput { Tail = 5, Lease = new Lease { Epoch = 1, Sequence = 1 }, Stream = Artel.Protocol.V1.Stream.Stdout, Offset = 1, Follow = true } });
        await Eventually.Holds(() => Seen() == "irst\n", "the first line comes", Seen);
        Assert.DoesNotContain(_server.Tails[5], c => c.End);
        _folder.File("go", "");

        await Eventually.Holds(() => _server.Tails[5].Any(c => c.End), "the tail ends", Seen);
        Assert.Equal("irst\nlast\n", Seen());
    }

    [Fact]
    public async Task What_a_running_task_has_written_so_far_can_be_asked_for()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Shell("echo one; echo two; exec sleep 60"));
        await link.HasStarted(1);
        var tail = 0UL;
        List<TailChunk> Chunks() => _server.Tails.TryGetValue(tail, out var chunks) ? [.. chunks] : [];

        do
        {
            tail++;
            await link.Send(new ServerMessage { TailOutput = new TailOutput { Tail = tail, Lease = new Lease { Epoch = 1, Sequence = 1 }, Offset = -4 } });
            await Eventually.Holds(() => Chunks().Any(c => c.End), "the tail ends while the task runs");
        }
        while (Chunks() is not [{ Offset: 4 }, ..]);

        Assert.Equal("two\n", Chunks()[0].Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_grant_that_makes_no_sense_ends_the_link_and_not_the_agent()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var template = Templates.Run("/bin/true");
        template.Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = 3 } } };

        await link.Grant(template, count: 4);

        var second = await _server.Link(2);
        Assert.Empty(second.Hello.Held);
        await second.Grant(template, count: 3);
        await second.Result(3);
    }

    [Fact]
    public async Task A_tail_of_an_unknown_lease_ends_at_once()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();

        await link.Send(new ServerMessage { TailOutput = new TailOutput { Tail = 6, Lease = new Lease { Epoch = 1, Sequence = 99 } } });

        await Eventually.Holds(() => _server.Tails.TryGetValue(6, out var chunks) && chunks.Count == 1 && chunks.First().End, "the tail ends");
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, "join again with a new token")]
    [InlineData(StatusCode.FailedPrecondition, "as the server says")]
    [InlineData(StatusCode.AlreadyExists, "as the server says")]
    [InlineData(StatusCode.PermissionDenied, "as the server says")]
    public async Task A_node_that_is_refused_ends_and_says_why(StatusCode status, string message)
    {
        _server.Refusal = new Status(status, "as the server says");
        await using var agent = new RunningAgent(_server, _folder.Path);

        var exit = await Eventually.Gives(agent.Exit, "the agent ends");

        Assert.Equal(NodeAgentExitKind.Refused, exit.Kind);
        Assert.Contains(message, exit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_breaks_while_the_node_says_hello_is_made_again()
    {
        // More than fits into a connection that the server does not read: it breaks within the message.
        _server.Breaks = 2;
        var labels = new Dictionary<string, string> { ["long"] = new string('x', 4 << 20) };
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { Labels = labels });

        await _server.Link();

        Assert.False(agent.Exit.IsCompleted);
    }

    [Fact]
    public async Task A_node_whose_id_is_connected_elsewhere_ends_and_says_where()
    {
        _server.Leave = new Leave { Reason = "n1 is connected from 10.0.0.7", Reconnect = false };
        await using var agent = new RunningAgent(_server, _folder.Path);

        var exit = await Eventually.Gives(agent.Exit, "the agent ends");

        Assert.Equal(new NodeAgentExit(NodeAgentExitKind.Refused, "n1 is connected from 10.0.0.7"), exit);
    }

    [Fact]
    public async Task A_node_that_is_told_to_leave_ends_what_runs()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var file = Path.Combine(_folder.Path, "of-task");
        await link.Grant(Templates.Shell($"echo $$ > {file}; exec sleep 60"));
        await link.HasStarted(1);
        await Eventually.Holds(() => File.Exists(file) && new FileInfo(file).Length > 0, "it runs");

        await link.Send(new ServerMessage { Leave = new Leave { Reason = "forgotten", Reconnect = false } });

        Assert.Equal(new NodeAgentExit(NodeAgentExitKind.ToldToLeave, "forgotten"), await Eventually.Gives(agent.Exit, "the agent ends"));
        Assert.Null(Artel.Testing.Processes.Describe(await Artel.Testing.Processes.IdInAsync(file)));
    }

    [Fact]
    public async Task A_server_with_another_certificate_is_never_told_the_secret()
    {
        await using var other = await new ScriptedServer().Start();
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { Access = _server.Access with { Addresses = [.. other.Access.Addresses, .. _server.Access.Addresses] } });

        await _server.Link();

        Assert.Empty(other.Links);
        Assert.Null(other.SeenAuthorization);
    }
}

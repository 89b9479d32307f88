namespace Artel.EndToEnd.Tests;

/// <summary>What the server does with peers that speak the classic protocol well, badly, or not at all.</summary>
public sealed class ClassicPeerTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "2s", classic: true);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_transcript_of_the_docs_byte_by_byte()
    {
        using var peer = await ConnectAsync();
        var job = await AssignAsync("echo", "hi");

        await peer.SendSlowlyAsync("5\n1");
        await peer.ExpectTaskAsync("echo", "hi");
        await peer.SendSlowlyAsync("22");
        await peer.SendSlowlyAsync("4");
        await peer.ExpectOkAsync();
        await peer.SendSlowlyAsync("3\n");
        await peer.ExpectOkAsync();
        await peer.SendSlowlyAsync("hi\n");
        await _cluster.ArtelAsync("wait", job);

        Assert.Equal("hi\n", (await _cluster.ArtelAsync("logs", job)).Output);

        // After data and after a failure it waits again, whether it says so or not.
        var map = _cluster.Folder.Write("map.yaml", "nodes: { 5: [{ run: [\"false\"], retry: { backoff: 10ms } }] }");
        var next = await _cluster.SubmitAsync(map);
        await peer.ExpectTaskAsync("false");
        await peer.SendSlowlyAsync("1223");
        for (var restart = 1; restart <= 3; restart++)
        {
            await peer.ExpectTaskAsync("false");
            await peer.SendSlowlyAsync("3");
        }

        await _cluster.JobBecomesAsync(next, "failed");
    }

    [Fact]
    public async Task Everything_at_once_is_understood_too()
    {
        using var peer = await ConnectAsync();
        var job = await AssignAsync("echo", "hi");

        // Before it can know: a program that trusts the answers to come. Line feeds between states mean nothing.
        await peer.SendAsync("5\n1\n");
        await peer.ExpectTaskAsync("echo", "hi");
        await peer.SendAsync("2\n2\r\n4" + "3\nhi\n" + "1\n");
        await peer.ExpectOkAsync();
        await peer.ExpectOkAsync();
        await _cluster.ArtelAsync("wait", job);

        Assert.Equal("hi\n", (await _cluster.ArtelAsync("logs", job)).Output);
        Assert.False(peer.IsClosed());
    }

    [Theory]
    [InlineData("seven\n", "'seven' is not a node's number")]
    [InlineData("\n", "'' is not a node's number")]
    [InlineData("-1\n", "'-1' is not a node's number")]
    [InlineData("007\n", "'007' is not a node's number")]
    [InlineData("1234567890\n", "'1234567890' is not a node's number")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "'GET / HTTP/1.1\\x0d' is not a node's number")]
    [InlineData("5\n7", "'7' is no state")]
    [InlineData("5\n\x00", "'\\x00' is no state")]
    [InlineData("5\n3", "state 3 says how a task ended, and the node has none")]
    [InlineData("5\n14", "state 4 says how a task ended, and the node has none")]
    public async Task What_is_no_word_of_the_protocol_ends_the_connection(string bytes, string reason)
    {
        using var peer = await ConnectAsync();

        await peer.SendAsync(bytes);

        Assert.Equal("", await peer.UntilClosedAsync());
        await ServerSaysAsync(reason);
    }

    [Fact]
    public async Task A_megabyte_without_an_end_of_line_is_not_waited_for()
    {
        using var peer = await ConnectAsync();
        try
        {
            await peer.SendAsync(new string('1', 1_000_000));
        }
        catch (IOException)
        {
            // It was closed before all of it was sent.
            Assert.True(peer.IsClosed());
        }

        await peer.UntilClosedAsync();
        await ServerSaysAsync("'1111111111");
    }

    [Theory]
    [InlineData("-1\n", "'-1' is not a length")]
    [InlineData("many\n", "'many' is not a length")]
    [InlineData("1000000000000\n", "'1000000000000' is not a length")]
    [InlineData("25\n", "said nothing for 2 s")]
    [InlineData("", "said nothing for 2 s")]
    [InlineData("5\nabc", "said nothing for 2 s")]
    public async Task A_length_that_is_none_or_data_that_does_not_come_ends_the_connection_and_the_task_is_given_again(string bytes, string reason)
    {
        using var peer = await ConnectAsync();
        var job = await AssignAsync("echo", "hi");
        await peer.SendAsync("5\n1");
        await peer.ExpectTaskAsync("echo", "hi");

        await peer.SendAsync("4" + bytes);
        await peer.UntilClosedAsync();

        await ServerSaysAsync(reason);
        using var next = await ConnectAsync();
        await next.SendAsync("5\n1");
        await next.ExpectTaskAsync("echo", "hi");
        await next.SendAsync("40\n");
        await _cluster.ArtelAsync("wait", job);
        Assert.Equal("", (await _cluster.ArtelAsync("logs", job)).Output);
    }

    [Fact]
    public async Task Data_that_is_cut_off_by_the_end_of_the_connection_is_no_result()
    {
        var peer = await ConnectAsync();
        var job = await AssignAsync("echo", "hi");
        await peer.SendAsync("5\n1");
        await peer.ExpectTaskAsync("echo", "hi");

        await peer.SendAsync("4100000\nhalf");
        await peer.ExpectOkAsync();
        peer.Dispose();

        await _cluster.WaitForNodeAsync("5", "lost");
        Assert.Equal("lost", (await _cluster.LastAttemptAsync(job + ".1")).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task More_data_than_the_length_says_is_not_part_of_the_result()
    {
        using var peer = await ConnectAsync();
        var job = await AssignAsync("echo", "hi");
        await peer.SendAsync("5\n1");
        await peer.ExpectTaskAsync("echo", "hi");

        await peer.SendAsync("43\nhi\nand more");
        await peer.UntilClosedAsync();

        await ServerSaysAsync("'a' is no state");
        await _cluster.JobBecomesAsync(job, "succeeded");
        Assert.Equal("hi\n", (await _cluster.ArtelAsync("logs", job)).Output);
    }

    [Fact]
    public async Task Data_over_the_limit_is_cut_to_the_byte_and_the_node_goes_on()
    {
        using var peer = await ConnectAsync();
        var map = _cluster.Folder.Write("map.yaml", """
            nodes:
              5: [{ run: [flood], output_limit: 10000 }, [after]]
            """);
        var job = await _cluster.SubmitAsync(map);
        await peer.SendAsync("5\n1");
        await peer.ExpectTaskAsync("flood");

        await peer.SendAsync("4300000\n");
        await peer.SendAsync(new string('x', 300_000) + "1");

        await peer.ExpectOkAsync();
        await peer.ExpectOkAsync();
        await peer.ExpectTaskAsync("after");
        var logs = await _cluster.ArtelAsync("logs", job + ".1");
        Assert.Equal(new string('x', 10_000), logs.Output);
        Assert.Contains("was cut: 9.8 KiB kept of 293 KiB", logs.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_silent_with_a_task_is_lost_and_one_that_waits_may_be_silent()
    {
        using var waiting = await ConnectAsync();
        using var working = await ConnectAsync();
        await waiting.SendAsync("6\n1");
        await working.SendAsync("5\n1");
        await AssignAsync("echo", "hi");
        await working.ExpectTaskAsync("echo", "hi");

        Assert.Equal("", await working.UntilClosedAsync());

        await _cluster.WaitForNodeAsync("5", "lost");
        await ServerSaysAsync("node 5 said nothing for 2 s");
        Assert.False(waiting.IsClosed());
        await _cluster.WaitForNodeAsync("6", "connected");
    }

    [Fact]
    public async Task A_number_that_is_connected_or_has_joined_is_no_one_elses()
    {
        using var first = await ConnectAsync();
        await first.SendAsync("5\n1");
        await _cluster.WaitForNodeAsync("5", "connected");
        await _cluster.StartNodeAsync("9");
        _cluster.Node("9").Signal("TERM");
        await _cluster.WaitForNodeAsync("9", "stopped");

        using var second = await ConnectAsync();
        using var impostor = await ConnectAsync();
        await second.SendAsync("5\n1");
        await impostor.SendAsync("9\n1");
        await second.UntilClosedAsync();
        await impostor.UntilClosedAsync();

        await ServerSaysAsync("node 5 is already connected");
        await ServerSaysAsync("node 9 has joined with a credential of its own");
        Assert.False(first.IsClosed());
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_are_in_nobodys_way()
    {
        await _cluster.StartNodeAsync("1");
        var silent = new List<ClassicPeer>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                silent.Add(await ConnectAsync());
            }

            // A native node works on, and a classic one gets in.
            await _cluster.ArtelAsync("submit", "--wait", "--node", "1", "--array", "1-100", "--", "true");
            using var peer = await ConnectAsync();
            var job = await AssignAsync("echo", "hi");
            await peer.SendAsync("5\n1");
            await peer.ExpectTaskAsync("echo", "hi");
            await peer.SendAsync("43\nhi\n");
            await _cluster.ArtelAsync("wait", job);

            // No more than a few of them were kept, and those not for long.
            await Polling.UntilAsync(() => Task.FromResult(silent.Count(s => !s.IsClosed())), open => open <= 128, "the oldest had to go");
            await Polling.UntilAsync(() => Task.FromResult(silent.Count(s => !s.IsClosed())), open => open == 0, "all had to go");
            Assert.Equal("connected", (await _cluster.JsonAsync("node", "show", "1")).GetProperty("condition").GetString());
            Assert.DoesNotContain("Node 1 disconnected", _cluster.Server.Errors, StringComparison.Ordinal);
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Theory]
    [InlineData("0.0.0.0:0", "--classic 0.0.0.0:0 is open to everyone who reaches it")]
    [InlineData("nowhere", "'nowhere' is no address to listen on")]
    [InlineData(null, "there is no --classic")]
    public async Task A_server_that_is_told_nonsense_says_what_would_be_right(string? classic, string reason)
    {
        string[] option = classic is null ? ["--classic-insecure"] : ["--classic", classic];
        var ended = await _cluster.TryArtelAsync(["server", "start", "--data", _cluster.Folder["other"], "--listen", "127.0.0.1:0", .. option]);

        Assert.Equal(2, ended.Status);
        Assert.Contains(reason, ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cluster.Folder["other"]));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        var taken = _cluster.Classic.ToString();
        var ended = await _cluster.TryArtelAsync("server", "start", "--data", _cluster.Folder["other"], "--listen", "127.0.0.1:0", "--classic", taken);

        Assert.Equal(1, ended.Status);
        Assert.Contains($"{taken} is in use by another program: stop that one, or choose another port with --classic", ended.Errors, StringComparison.Ordinal);
    }

    private Task<ClassicPeer> ConnectAsync() => ClassicPeer.ConnectAsync(_cluster.Classic);

    /// <summary>Submits a command for node 5, with options before a <c>--</c>.</summary>
    private Task<string> AssignAsync(params string[] command) =>
        _cluster.SubmitAsync(["--node", "5", .. command.Contains("--") ? command : ["--", .. command]]);

    private Task ServerSaysAsync(string what) =>
        _cluster.Server.UntilAsync(s => s.Errors.Contains(what, StringComparison.Ordinal), $"the server says: {what}");
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using Xunit;

namespace Artel.Testing;

/// <summary>A real server, real nodes and the real command line, each a process of its own, on loopback, in a folder of their own.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private const string ServerMachine = "server";

    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, RunningProgram> _nodes = [];
    private readonly string _heartbeat;
    private readonly string _lostAfter;
    private readonly NetworkLab? _lab;
    private readonly string[] _serverOptions;
    private RunningProgram? _server;
    private string _listen;
    private string? _classic;

    private TestCluster(string heartbeat, string lostAfter, string? data, NetworkLab? lab, bool classic, string[] serverOptions)
    {
        _serverOptions = serverOptions;
        _lab = lab;
        _listen = $"{lab?.AddressOf(ServerMachine) ?? "127.0.0.1"}:0";
        _classic = classic ? _listen : null;
        _heartbeat = heartbeat;
        _lostAfter = lostAfter;
        Data = data ?? _folder["data"];
    }

    public RunningProgram Server => _server!;

    public string Address => _listen;

    /// <summary>Where nodes of the classic protocol connect.</summary>
    public IPEndPoint Classic => IPEndPoint.Parse(_classic!);

    public string Data { get; }

    /// <summary>What the next starts of the server find in their environment, beside the usual.</summary>
    public Dictionary<string, string?> ServerVariables { get; } = [];

    public string Home => _folder["home"];

    public TestFolder Folder => _folder;

    /// <param name="data">Where the server keeps everything; not set: in the cluster's own folder.</param>
    /// <param name="lab">Where to run: the server and commands on its machine <c>server</c>, each node on the one of its name. Not set: here.</param>
    /// <param name="server">More options of the server.</param>
    public static async Task<TestCluster> StartAsync(
        string heartbeat = "1s", string lostAfter = "10s", string? data = null, NetworkLab? lab = null, bool classic = false,
        string[]? server = null, params string[] nodes)
    {
        var cluster = Prepare(heartbeat, lostAfter, data, lab, classic, server);
        try
        {
            await cluster.StartServerAsync();
            foreach (var node in nodes)
            {
                await cluster.StartNodeAsync(node);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A cluster of which nothing runs yet.</summary>
    public static TestCluster Prepare(
        string heartbeat = "1s", string lostAfter = "10s", string? data = null, NetworkLab? lab = null, bool classic = false, string[]? server = null) =>
        new(heartbeat, lostAfter, data, lab, classic, server ?? []);

    /// <summary>Starts the server, or starts it again on the same data and port.</summary>
    public async Task StartServerAsync()
    {
        await BeginServerAsync();
        await ServerListensAsync();
    }

    /// <summary>Starts the server and does not wait.</summary>
    public async Task BeginServerAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        string[] classic = _classic is null ? [] : ["--classic", _classic, .. _lab is null ? Array.Empty<string>() : ["--classic-insecure"]];
        _server = Start(
            ServerMachine,
            [
                "server", "start", "--data", Data, "--listen", _listen, "--heartbeat", _heartbeat, "--lost-after", _lostAfter, "--json",
                .. _serverOptions.Contains("--dashboard") ? Array.Empty<string>() : ["--dashboard", "none"], .. classic, .. _serverOptions,
            ],
            ServerVariables);
    }

    /// <summary>Waits until the server that was begun listens.</summary>
    public async Task ServerListensAsync()
    {
        await Server.UntilAsync(s => s.HasEnded || s.Output.Contains('\n', StringComparison.Ordinal), "the server listens");
        Assert.False(Server.HasEnded, Server.Errors);
        using var ready = JsonDocument.Parse(Server.Output);
        _listen = ready.RootElement.GetProperty("listening").GetString()!;

        // One that a test gives by hand stays among the options.
        _classic = _serverOptions.Contains("--classic") ? null : ready.RootElement.GetProperty("classic").GetString();
    }

    /// <summary>Starts a node, the first time with a join token, and waits until it is connected.</summary>
    public async Task<RunningProgram> StartNodeAsync(string id, params string[] options)
    {
        var node = await BeginNodeAsync(id, options);
        await WaitForNodeAsync(id, "connected");
        return node;
    }

    /// <summary>Starts a node and does not wait.</summary>
    public async Task<RunningProgram> BeginNodeAsync(string id, params string[] options)
    {
        var data = DataOf(id);
        string[] join = Directory.Exists(data) || options.Contains("--join") ? [] : ["--join", await TokenAsync("node")];
        var node = Start(id, ["node", "start", "--id", id, "--data", data, .. join, .. options]);
        if (_nodes.Remove(id, out var earlier))
        {
            await earlier.DisposeAsync();
        }

        return _nodes[id] = node;
    }

    /// <summary>What was started as a node. Where nodes have guardians, that is the guardian.</summary>
    public RunningProgram Node(string id) => _nodes[id];

    /// <summary>Starts the example of a classic node, in a folder of its own, and waits until it is connected.</summary>
    public async Task<RunningProgram> StartClassicNodeAsync(string number)
    {
        var folder = Directory.CreateDirectory(_folder["classic-" + number]).FullName;
        string[] arguments = [Path.Combine(Binaries.Examples, "classic", "node.py"), Classic.Address.ToString(), $"{Classic.Port}", number, "0.2"];
        var (program, its) = _lab?.On(number, "python3", arguments) ?? ("python3", arguments);
        if (_nodes.Remove(number, out var earlier))
        {
            await earlier.DisposeAsync();
        }

        _nodes[number] = RunningProgram.Start(program, its, folder);
        await WaitForNodeAsync(number, "connected");
        return _nodes[number];
    }

    /// <summary>Where a node keeps everything.</summary>
    public string DataOf(string id) => _folder["node-" + id];

    /// <summary>Process id of the agent of a node.</summary>
    public int AgentOf(string id) => int.Parse(File.ReadAllText(Path.Combine(DataOf(id), "pid")), CultureInfo.InvariantCulture);

    public async Task WaitForNodeAsync(string id, string condition)
    {
        JsonElement? seen = null;
        for (var tries = 0; tries < 200; tries++)
        {
            seen = (await JsonAsync("node", "ls")).GetProperty("nodes").EnumerateArray()
                .Select(n => (JsonElement?)n).FirstOrDefault(n => n!.Value.GetProperty("id").GetString() == id);
            if (seen?.GetProperty("condition").GetString() == condition)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new TimeoutException($"node {id} is not {condition}, but {seen}; it said:\n{_nodes.GetValueOrDefault(id)?.Errors}");
    }

    /// <summary>A token; one of role node lets any number of nodes join.</summary>
    public async Task<string> TokenAsync(string role) =>
        (await ArtelAsync(["token", "create", "--role", role, .. role == "node" ? new[] { "--uses", "unlimited" } : []])).Output.Trim();

    /// <summary>Runs a command to its end, whatever its status.</summary>
    public async Task<Ended> TryArtelAsync(params string[] arguments)
    {
        await using var program = BeginArtel(arguments);
        return await program.EndAsync();
    }

    public RunningProgram BeginArtel(params string[] arguments) => Start(ServerMachine, arguments);

    /// <summary>Runs a command to its end with other settings, such as <c>ARTEL_TOKEN</c>, over those of the cluster's admin.</summary>
    public async Task<Ended> TryArtelWithAsync(string variable, string value, params string[] arguments)
    {
        await using var program = RunningProgram.Start(
            Binaries.Artel, arguments, _folder.Path, new Dictionary<string, string?>(Surroundings()) { [variable] = value });
        return await program.EndAsync();
    }

    /// <summary>What <c>artel why</c> says.</summary>
    public async Task<string> WhyAsync(string what) => (await ArtelAsync("why", what)).Output;

    /// <summary>What <c>artel show JOB.TASK</c> says of the last attempt.</summary>
    public async Task<JsonElement> LastAttemptAsync(string task) =>
        (await JsonAsync("show", task)).GetProperty("attempts").EnumerateArray().Last();

    /// <summary>Waits for a state of a job.</summary>
    public Task JobBecomesAsync(string job, string state, TimeSpan? deadline = null) => Polling.UntilAsync(
        async () => (await JsonAsync("show", job)).GetProperty("job").GetProperty("state").GetString(), s => s == state, $"job {job} is {state}", deadline);

    /// <summary>The admin's ticket.</summary>
    public async Task<string> AdminTicketAsync() => (await File.ReadAllTextAsync(Path.Combine(Home, "access"))).Trim();

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<Ended> ArtelAsync(params string[] arguments)
    {
        var ended = await TryArtelAsync(arguments);
        Assert.True(ended.Status == 0, $"artel {string.Join(' ', arguments)}: {ended}");
        return ended;
    }

    /// <summary>What a command prints with --json.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await ArtelAsync([.. arguments, "--json"]);
        return JsonSerializer.Deserialize<JsonElement>(ended.Output);
    }

    public async Task<string> SubmitAsync(params string[] arguments) => (await ArtelAsync(["submit", .. arguments])).Output.Trim();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private RunningProgram Start(string machine, IEnumerable<string> arguments, Dictionary<string, string?>? variables = null)
    {
        var (program, its) = _lab?.On(machine, Binaries.Artel, arguments) ?? (Binaries.Artel, arguments);
        return RunningProgram.Start(program, its, _folder.Path, Surroundings().Concat(variables ?? []).ToDictionary());
    }

    private Dictionary<string, string?> Surroundings() => new() { ["ARTEL_HOME"] = Home };
}

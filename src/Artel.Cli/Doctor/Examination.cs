using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Nodes;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Doctor;

/// <summary>Looks at everything that keeps a command from working, from the settings to the nodes, and goes on as far as it can.</summary>
internal sealed class Examination(Surroundings s)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);
    private static readonly TimeSpan MuchSkew = TimeSpan.FromSeconds(60);

    /// <summary>The server says its time to the second, and the answer takes a moment.</summary>
    private static readonly TimeSpan SomeSkew = TimeSpan.FromSeconds(3);

    public async IAsyncEnumerable<Finding> ExamineAsync(Func<ConfiguredAccess?> find, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        yield return new Finding(Level.Ok, $"artel {CommandTree.Version}, protocol {ProtocolVersion.Current}");
        var (configured, problem) = Configured(find);
        yield return problem;
        foreach (var finding in DataFolder())
            yield return finding;

        if (configured is null)
            yield break;

        var addresses = configured.Access.Addresses;
        var knocks = await Task.WhenAll(addresses.Select(address => KnockAsync(configured, address, ct)));
        var reached = knocks.Any(k => k.Answers);
        foreach (var (finding, _, isAway) in knocks)
            yield return isAway && reached ? new Finding(Level.Ok, finding.What) : finding;

        if (!reached)
            yield break;

        await foreach (var finding in AskAsync(configured, ct))
            yield return finding;
    }

    private static (ConfiguredAccess?, Finding) Configured(Func<ConfiguredAccess?> find)
    {
        try
        {
            return find() is { } configured
                ? (configured, new Finding(Level.Ok, $"a token is configured, in {configured.Origin}"))
                : (null, new Finding(Level.Fail, "no cluster is configured", "'artel up' starts one on this machine; for one elsewhere set ARTEL_TOKEN ('artel help environment')"));
        }
        catch (CommandFailure e)
        {
            return (null, new Finding(Level.Fail, e.Message, "'artel help environment' says where settings are looked for"));
        }
    }

    private IEnumerable<Finding> DataFolder()
    {
        var folder = Path.Combine(s.Home.Folder, "data");
        if (!Directory.Exists(folder))
            yield break;

        var drive = new DriveInfo(folder);
        var free = $"{Words.Size(drive.AvailableFreeSpace)} free for the server's data in {folder}";
        yield return drive.AvailableFreeSpace switch
        {
            < 256L << 20 => new Finding(Level.Fail, free, "make room: a server that can not write ends"),
            < 2L << 30 => new Finding(Level.Warn, free, "make room soon: jobs and their outputs are kept there"),
            _ => new Finding(Level.Ok, free),
        };
    }

    /// <summary>Connects and looks at the certificate: whose it is, and how long it is valid.</summary>
    /// <returns><c>IsAway</c>: nobody answers, which does not matter if the server answers elsewhere.</returns>
    private async Task<(Finding Finding, bool Answers, bool IsAway)> KnockAsync(
        ConfiguredAccess configured, string address, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, s.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        X509Certificate2? presented = null;
        try
        {
            var uri = new Uri($"https://{address}");
            using var client = new TcpClient();
            await client.ConnectAsync(uri.DnsSafeHost, uri.Port, either.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = uri.DnsSafeHost,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        presented = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                        return presented is not null;
                    },
                },
                either.Token);
            var pins = configured.Access.Keeper?.Pins ?? configured.Access.Pins;
            if (presented is not null && pins.Accept(CertificatePin.Of(presented)))
                return (Certificate(address, presented), true, false);

            var other = new Finding(
                Level.Fail,
                $"another server than the token's answers at {address}",
                "get a new token from its admin if its key was changed or it was set up again; otherwise another "
                + "program answers there");
            return (other, false, false);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or UriFormatException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            var why = e is OperationCanceledException ? "no answer in time" : e.Message.ReplaceLineEndings(" ");
            return (new Finding(
                configured.Access.Addresses.Count > 1 ? Level.Warn : Level.Fail,
                $"no server at {address}: {why}",
                "start it ('artel server start', 'artel up'), or look at the firewall between"), false, true);
        }
        finally
        {
            presented?.Dispose();
        }
    }

    private Finding Certificate(string address, X509Certificate2 certificate)
    {
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var left = until - s.Clock.GetUtcNow();
        var what = string.Create(CultureInfo.InvariantCulture, $"a server answers at {address}, with the pinned certificate, valid until {until:yyyy-MM-dd}");
        return left < TimeSpan.Zero || left < Soon
            ? new Finding(Level.Warn, what, "artel goes by the pin and goes on; browsers and curl will refuse it: move certificate.pem away, start the server, and make new tokens")
            : new Finding(Level.Ok, what);
    }

    private async IAsyncEnumerable<Finding> AskAsync(ConfiguredAccess configured, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        ClusterStatus? status = null;
        ClusterSession? session = null;
        Finding? failed = null;
        TimeSpan? skew = null;
        try
        {
            session = await s.ConnectAsync(configured, ct);
            using var call = session.Client.GetStatusAsync(new GetStatusRequest(), session.Question(ct));
            var date = (await call.ResponseHeadersAsync).GetValue("date");
            skew = DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out var server) ? s.Clock.GetUtcNow() - server : null;
            status = await call;
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            failed = new Finding(Level.Fail, s.Describe(e).Message, "see 'artel help exit-statuses'");
        }

        if (failed is not null || status is null || session is null)
        {
            yield return failed!;
            yield break;
        }

        yield return status.Version == CommandTree.Version
            ? new Finding(Level.Ok, $"the server is artel-server {status.Version}, protocol {status.Protocol}")
            : new Finding(Level.Warn, $"the server is artel-server {status.Version}, this is artel {CommandTree.Version}", "update the older one when it suits; they understand each other");
        yield return new Finding(Level.Ok, $"the token is of '{status.User}', with the role {StateWords.Of(status.Role)}");
        if (skew is { } difference)
            yield return Clock(difference);

        var tokens = status.Role == Role.Admin ? (await session.Client.ListTokensAsync(new ListTokensRequest(), session.Question(ct))).Tokens : null;
        foreach (var finding in tokens is null ? [] : Tokens(tokens, status.User))
            yield return finding;

        var nodes = (await session.Client.ListNodesAsync(new ListNodesRequest(), session.Question(ct))).Nodes;
        foreach (var finding in Nodes(nodes))
            yield return finding;

        if (tokens is not null && Separation(tokens, nodes) is { } separation)
            yield return separation;
    }

    private static Finding Clock(TimeSpan difference)
    {
        var text = difference.Duration() <= SomeSkew ? "the clocks of this machine and the server agree" : $"this machine's clock is {Words.Duration(difference.Duration())} {(difference > TimeSpan.Zero ? "ahead of" : "behind")} the server's";
        return difference.Duration() switch
        {
            var d when d <= SomeSkew => new Finding(Level.Ok, text),
            var d when d <= MuchSkew => new Finding(Level.Warn, text, "let both set their clocks (NTP): times in listings do not fit together"),
            _ => new Finding(Level.Fail, text, "let both set their clocks (NTP): tokens may seem expired, and times in listings do not fit together"),
        };
    }

    /// <summary>Whether the tasks of one person can get at what is another's. Null if there is only one person.</summary>
    private Finding? Separation(IReadOnlyList<Token> tokens, IReadOnlyList<WireNode> nodes)
    {
        var people = SharedNodes.People(tokens, s.Clock.GetUtcNow());
        if (people.Count < 2 || nodes.Count == 0)
            return null;

        if (SharedNodes.Warning(people, nodes) is not { } warning)
            return new Finding(Level.Ok, $"{Words.Count(people.Count)} people have tokens, and nodes run their tasks as other accounts than the agent's");

        var here = SharedNodes.Of(nodes).FirstOrDefault(n => n.Host == Environment.MachineName);
        return here is not null && File.Exists(s.Home.AccessFile)
            ? new Finding(Level.Warn, $"{warning}; tasks on node {here.Id} may read the admin's token in {s.Home.AccessFile}", "start its agent with --run-as, or as another user than the server's")
            : new Finding(Level.Warn, warning, "start the agents with --run-as");
    }

    private IEnumerable<Finding> Tokens(IReadOnlyList<Token> all, string user)
    {
        var now = s.Clock.GetUtcNow();
        var tokens = all
            .Where(t => !t.Revoked && t.Expires is not null && t.Role != Role.Node && t.Expires.ToDateTimeOffset() > now).ToList();
        var ending = tokens.Where(t => t.Expires.ToDateTimeOffset() - now < Soon).ToList();
        return ending.Count == 0
            ? [new Finding(Level.Ok, $"no token of a person or program expires within {(int)Soon.TotalDays} days ({Words.Count(tokens.Count, "is", "are")} valid)")]
            : ending.Select(t => new Finding(
                Level.Warn,
                $"the token {t.Id} of '{t.Name}' ({StateWords.Of(t.Role)}){(t.Name == user ? ", maybe this one," : "")} expires {Words.Moment(t.Expires.ToDateTimeOffset())}",
                $"make its owner a new one: artel token create --role {StateWords.Of(t.Role)} --name {Words.CommandLine([t.Name])}"));
    }

    private IEnumerable<Finding> Nodes(IReadOnlyList<WireNode> nodes)
    {
        var connected = nodes.Count(n => n.Condition == NodeCondition.Connected);
        yield return connected > 0
            ? new Finding(Level.Ok, $"{Words.Count(connected, "node is", "nodes are")} connected")
            : new Finding(Level.Warn, "no node is connected: nothing can run", "'artel token create --role node', then 'artel node start --id NAME --join TOKEN' there");
        foreach (var node in nodes)
        {
            var heard = node.LastHeartbeat is null ? "" : $", heard {Words.Ago(node.LastHeartbeat.ToDateTimeOffset(), s.Clock.GetUtcNow())}";
            if (node.Condition is NodeCondition.Lost or NodeCondition.Disconnected)
                yield return new Finding(Level.Warn, $"node {node.Id} is {StateWords.Of(node.Condition)}{heard}", $"start it again ('artel node start --id {node.Id}'), or 'artel node forget {node.Id}'");
            else if (node.Problem.Length > 0)
                yield return new Finding(Level.Warn, $"node {node.Id} takes no work: {node.Problem}", $"see to it there; 'artel node show {node.Id}'");
            else if (node.Draining)
                yield return new Finding(Level.Warn, $"node {node.Id} is draining", $"'artel node resume {node.Id}' lets it work again");
        }
    }
}

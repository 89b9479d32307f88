using Artel.Node.Accounts;
using Artel.Node.Leases;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.Client;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Node.Link;

/// <summary>
/// One link, from Hello to its end: reads what the server says, and runs the <see cref="LinkSender"/>, the
/// <see cref="OutputDelivery"/> and the tails that belong to it.
/// </summary>
internal sealed class LinkSession : IAsyncDisposable
{
    private static readonly TimeSpan WelcomePatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultHeartbeatPeriod = TimeSpan.FromSeconds(10);

    private readonly NodeAgentOptions _options;
    private readonly string _address;
    private readonly KnownServer _known;
    private readonly NodeLink.NodeLinkClient _client;
    private readonly Workplace _workplace;
    private readonly ResultSpool _spool;
    private readonly LeaseTable _leases;
    private readonly OutputDelivery _delivery;
    private readonly OutputTails _tails;
    private readonly LinkSender _sender;
    private readonly PlaceInspector _inspector;

    public LinkSession(
        NodeAgentOptions options,
        string address,
        KnownServer known,
        GrpcChannel channel,
        Workplace workplace,
        ResultSpool spool,
        LeaseTable leases)
    {
        _options = options;
        _address = address;
        _known = known;
        _client = new NodeLink.NodeLinkClient(channel.Authenticated(options.Access.Secret));
        _workplace = workplace;
        _spool = spool;
        _leases = leases;
        _delivery = new OutputDelivery(options, address, leases, spool);
        _tails = new OutputTails(options, address, leases, spool);
        _sender = new LinkSender(options, workplace, spool, leases, workplace.Term);
        _inspector = new PlaceInspector(options.RunAs is not null, _sender.AddInspected);
        workplace.HealthChanged += _sender.OnHeartbeatDue;
        workplace.OutputIsLong += _delivery.OfferAhead;
    }

    public event Action? StopRequested;

    public bool IsWelcome { get; private set; }

    public void SayGoodbye(string reason) => _sender.SayGoodbye(reason);

    public async Task<LinkEnd> RunAsync(ulong incarnation, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var background = Task.CompletedTask;
        try
        {
            using var call = _client.Connect(cancellationToken: ending.Token);
            if (await GreetAsync(call, incarnation, ending.Token) is { } refused)
                return refused;

            var sending = SendAsync(call.RequestStream, ending);
            background = Task.WhenAll(sending, _delivery.RunAsync(ending.Token));
            _inspector.Begin(ending.Token);
            var leave = await ReceiveAsync(call.ResponseStream, ending.Token);
            if (leave is { Reconnect: false })
            {
                Log.ToldToLeave(_options.Log, leave.Reason);
                return new LinkEnd(LinkEndKind.Refused, leave.Reason, WasWelcome: true);
            }

            return _sender.SaidGoodbye
                ? new LinkEnd(LinkEndKind.SaidGoodbye, "", WasWelcome: true)
                : new LinkEnd(LinkEndKind.Broken, leave?.Reason ?? "the server closed the link", WasWelcome: true);
        }
        catch (RpcException e)
        {
            ct.ThrowIfCancellationRequested();
            return _sender.SaidGoodbye ? new LinkEnd(LinkEndKind.SaidGoodbye, "", IsWelcome) : LinkFailure.Of(e, IsWelcome);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new LinkEnd(_sender.SaidGoodbye ? LinkEndKind.SaidGoodbye : LinkEndKind.Broken, "the link did not answer in time", IsWelcome);
        }
        catch (IOException e)
        {
            // The connection broke within a message.
            return new LinkEnd(LinkEndKind.Broken, e.Message, IsWelcome);
        }
        catch (InvalidDataException e)
        {
            // It said something that makes no sense. A new link starts from what both know.
            return new LinkEnd(LinkEndKind.Broken, e.Message, WasWelcome: false);
        }
        finally
        {
            await ending.CancelAsync();
            await background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _workplace.HealthChanged -= _sender.OnHeartbeatDue;
        _workplace.OutputIsLong -= _delivery.OfferAhead;
        await _tails.DisposeAsync();
        await _delivery.DisposeAsync();
    }

    /// <summary>Hello and Welcome. What the server does not let the node keep is ended before anything else is said.</summary>
    private async Task<LinkEnd?> GreetAsync(
        AsyncDuplexStreamingCall<NodeMessage, ServerMessage> call, ulong incarnation, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(WelcomePatience, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var helloAt = _workplace.Term.Now;
        try
        {
            await call.RequestStream.WriteAsync(new NodeMessage { Hello = Hello(incarnation) }, either.Token);
        }
        catch (Exception e) when (e is IOException or RpcException or InvalidOperationException && !either.IsCancellationRequested)
        {
            // A server that refuses the call ends it without reading: the status that says why is read below.
        }

        if (!await call.ResponseStream.MoveNext(either.Token))
            return new LinkEnd(LinkEndKind.Broken, "the server closed the link before it answered", WasWelcome: false);

        var answer = call.ResponseStream.Current;
        if (answer.KindCase == ServerMessage.KindOneofCase.Leave)
        {
            return new LinkEnd(answer.Leave.Reconnect ? LinkEndKind.Broken : LinkEndKind.Refused, answer.Leave.Reason, WasWelcome: false);
        }

        if (answer.KindCase != ServerMessage.KindOneofCase.Welcome)
            throw new InvalidDataException($"the server begins with {answer.KindCase} instead of Welcome");

        var welcome = answer.Welcome;
        var period = welcome.HeartbeatPeriod?.ToTimeSpan() is { } given && given > TimeSpan.Zero ? given : DefaultHeartbeatPeriod;
        _spool.Settle(welcome.Refused);
        _workplace.End(welcome.Refused, revoked: true);
        _workplace.Term.Begin(welcome.ExclusiveTerm?.ToTimeSpan() ?? TimeSpan.Zero, helloAt);
        _workplace.OnRenewed();
        _workplace.BeginLink();
        _workplace.Drain(welcome.Draining);
        _sender.Begin(period, welcome.InlineOutput);
        _delivery.Begin(welcome.DeliverAhead, ct);
        if (welcome.SeveralPeople)
            AccessWarning.Check(_options);

        IsWelcome = true;
        _known.Learn(welcome.Identity, _address);
        Log.Connected(_options.Log, _address, welcome.Epoch, Words.Duration(period));
        return null;
    }

    private Hello Hello(ulong incarnation)
    {
        var (held, finished) = _leases.Present();
        return new Hello
        {
            Node = _options.Id,
            Incarnation = incarnation,
            Version = _options.Version,
            Host = Environment.MachineName,
            Process = Environment.ProcessId,
            Resources = _options.Resources,
            Labels = { _options.AllLabels() },
            RunAs = _options.RunAs?.Word ?? "",
            Held = { held },
            Finished = { finished },
            Problem = _workplace.Problem ?? "",
        };
    }

    /// <summary>Sends until the link ends. If sending fails the link is of no use: then reading ends too.</summary>
    private async Task SendAsync(IClientStreamWriter<NodeMessage> stream, CancellationTokenSource ending)
    {
        try
        {
            await _sender.RunAsync(stream, ending.Token);
            ending.CancelAfter(GoodbyePatience);
        }
        catch
        {
            // Reading is about to fail too, with the server's own status, which says more.
            ending.CancelAfter(StatusPatience);
            throw;
        }
    }

    /// <summary>Reads until the link ends. Returns the server's reason, if it gave one.</summary>
    private async Task<Leave?> ReceiveAsync(IAsyncStreamReader<ServerMessage> stream, CancellationToken ct)
    {
        while (await stream.MoveNext(ct))
        {
            if (stream.Current.KindCase == ServerMessage.KindOneofCase.Leave)
                return stream.Current.Leave;

            Handle(stream.Current, ct);
        }

        return null;
    }

    private void Handle(ServerMessage message, CancellationToken ct)
    {
        switch (message.KindCase)
        {
            case ServerMessage.KindOneofCase.Assign:
                if (_workplace.Take(message.Assign))
                    _sender.OnHeartbeatDue();

                break;
            case ServerMessage.KindOneofCase.Renewed:
                _workplace.Term.Renewed(message.Renewed.Heartbeat);
                _workplace.OnRenewed();
                break;
            case ServerMessage.KindOneofCase.SendOutput:
                _delivery.Ask(LeaseId.Of(message.SendOutput.Lease));
                break;
            case ServerMessage.KindOneofCase.Settled:
                _spool.Settle(message.Settled.Leases);
                _sender.Wake();
                _workplace.BecameIdle.Set();
                break;
            case ServerMessage.KindOneofCase.EndAttempts:
                _workplace.End(message.EndAttempts.Leases, message.EndAttempts.Revoked);
                break;
            case ServerMessage.KindOneofCase.Reclaim:
                _workplace.GiveBack(message.Reclaim.Count);
                break;
            case ServerMessage.KindOneofCase.TailOutput:
                _tails.Start(message.TailOutput, ct);
                break;
            case ServerMessage.KindOneofCase.Drain:
                Drain(message.Drain);
                break;
            case ServerMessage.KindOneofCase.ForgetJobs:
                _workplace.ForgetTemplates(message.ForgetJobs.Jobs);
                break;
            case ServerMessage.KindOneofCase.Identity:
                _known.Learn(message.Identity, _address);
                break;
            case ServerMessage.KindOneofCase.Inspect:
                _inspector.Ask(message.Inspect);
                break;
            case ServerMessage.KindOneofCase.Probe:
                _sender.OnHeartbeatDue();
                break;
            default:
                Log.UnknownMessage(_options.Log);
                break;
        }
    }

    private void Drain(Drain drain)
    {
        _workplace.Drain(drain.Draining);
        if (drain.Now)
            _workplace.EndAll(atOnce: false);

        if (drain.ThenStop)
            StopRequested?.Invoke();
    }
}

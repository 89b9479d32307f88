using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Artel.Core;
using Artel.Protocol;
using Artel.Protocol.Client;
using Artel.Server.Accounting;
using Artel.Server.Api;
using Artel.Server.Audit;
using Artel.Server.Classic;
using Artel.Server.Edge;
using Artel.Server.Endings;
using Artel.Server.Events;
using Artel.Server.History;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.People;
using Artel.Server.Schedules;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;

namespace Artel.Server.Hosting;

/// <summary>One run of the server: opens what it keeps, listens, and ends cleanly. Everything is put together here.</summary>
internal sealed class ServerHost(ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(5);

    /// <summary>All that is served, once it listens.</summary>
    internal IReadOnlyList<Endpoint> Endpoints { get; private set; } = [];

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="StoreException">What it keeps can not be opened, or could not be written any more.</exception>
    /// <exception cref="ServerStartException">It can not listen.</exception>
    public async Task RunAsync(IServerGreeting greeting, CancellationToken stopping)
    {
        CrashPoints.Arm();
        using var folder = DataFolder.Open(options.DataDirectory);
        var room = DiskRoom.Of(folder, options.DiskReserve, time);
        await using var database = await Database.OpenAsync(folder, stopping, room.Reserve);
        var webhooks = new WebhookHosts(options.WebhookHosts);
        await using var store = new SqliteStore(database, time, document => OnEndTerms.Of(document, webhooks));
        var snapshot = await store.OpenAsync(SpecReader.Read, stopping);
        await using var outputs = new OutputStore(folder, room: room);
        CrashPoints.Hit(CrashPoint.SnapshotRead);
        using var credentials = await CredentialStore.OpenAsync(database, time, stopping);
        using var quotas = await QuotaBook.OpenAsync(database, stopping);
        using var schedules = await ScheduleBook.OpenAsync(database, stopping);
        using var keys = ServerKeys.Open(folder, options.Listen.Address, time);
        CrashPoints.Hit(CrashPoint.CertificateMade);
        using var dashboard = DashboardListener.Open(options);
        using var classicSocket = options.Classic is { Socket: { } path } && !OperatingSystem.IsWindows() ? ClassicSocket.Listen(path) : null;
        using var life = new ServerLife { Epoch = snapshot.Epoch, Started = time.GetUtcNow() };

        var printer = new TicketPrinter(() => keys.Pins, life, store.ClusterId);
        var documents = new JobDocuments();
        foreach (var job in snapshot.Jobs)
        {
            documents.Add(job.Job, job.Document);
        }

        // What nodes with leases were told stays in force until they have none: a longer one is kept, over however many starts.
        var isLonger = snapshot.LostAfterBefore > options.LostAfter && snapshot.Jobs.Any(j => j.Open.Count > 0);
        await store.KeepLostAfterAsync(isLonger ? snapshot.LostAfterBefore : options.LostAfter, stopping);
        var state = new ClusterState(snapshot with { UserLimits = quotas.RunningLimits() }, new ClusterRules(options.LostAfter, options.MaxLosses), time.GetUtcNow());
        var builder = CreateBuilder(options.LogsJson);
        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(life).AddSingleton(time).AddSingleton(documents).AddSingleton(state);
        services.AddSingleton<IClusterStore>(store).AddSingleton(database).AddSingleton(outputs).AddSingleton(credentials).AddSingleton(room).AddSingleton<DiskWatch>();
        services.AddSingleton<BackgroundParts>().AddSingleton<AwakeTime>().AddSingleton<Vitals>().AddSingleton<JobSignals>().AddSingleton<Committed>();
        services.AddSingleton<NodeSessions>().AddSingleton<NodeAdmission>().AddSingleton<OutputTails>().AddSingleton<OutputAllowance>().AddSingleton<ClassicListener>();
        services.AddSingleton<Audience>().AddSingleton<ClusterLoop>();
        services.AddSingleton<JobReader>().AddSingleton<TaskReader>().AddSingleton<OutputReader>().AddSingleton<ResultReader>().AddSingleton<StatsReader>().AddSingleton<EventReader>();
        services.AddSingleton<ReasonReader>().AddSingleton<PlaceCheck>().AddSingleton<Revisions>();
        services.AddSingleton(s => new HistoryFile(folder.HistoryFile, s.GetRequiredService<ILogger<HistoryFile>>()));
        services.AddSingleton<ClusterHistory>().AddSingleton<NodeHistories>().AddSingleton<LoadSampler>();
        services.AddSingleton<HistoryReader>().AddSingleton<TaskMapReader>().AddSingleton<AttemptReader>().AddSingleton<SubmissionReader>();
        services.AddSingleton(new NodeBoard(snapshot.Epoch)).AddSingleton<EndedStates>().AddSingleton<OutputSearch>().AddSingleton<SettingsReader>();
        services.AddSingleton(quotas).AddSingleton<Admission>().AddSingleton<JobAccess>();
        services.AddSingleton<Submissions>().AddSingleton(printer).AddSingleton<LoginCodes>();
        services.AddSingleton(keys).AddSingleton(new AccessFile(options.HomeDirectory)).AddSingleton<IdentityAnnouncer>();
        services.AddSingleton(schedules).AddSingleton<ScheduleKeeper>();
        services.AddSingleton(webhooks).AddSingleton<EndingSignal>().AddSingleton(new EndingRows(database)).AddSingleton<EndCommands>();
        services.AddSingleton<WebhookClient>().AddSingleton<WebhookCalls>();
        services.AddAccounting();
        services.AddAudit();
        services.AddTelemetry(store.ClusterId);
        services.AddSingleton<Gatekeeper>().AddSingleton<ClusterService>().AddSingleton<NodeLinkService>().AddSingleton<OutputIntake>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<Gatekeeper>();
            grpc.MaxReceiveMessageSize = ClusterChannel.MaxMessageBytes;
            grpc.MaxSendMessageSize = ClusterChannel.MaxMessageBytes;
        }).AddJsonTranscoding(json => json.JsonSettings.WriteInt64sAsStrings = true);
        services.AddEdge();
        var gate = ConnectionGate.For(Math.Min(options.MaxConnections, DescriptorLimit.Connections()), time);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => Configure(kestrel, keys, dashboard, gate, classicSocket));

        // After the web server has named its own.
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        var browsers = new BrowserAddresses();
        services.AddSingleton(browsers);
        dashboard.AddTo(builder, keys, life, credentials, browsers);
        if (classicSocket is not null)
        {
            services.PostConfigure<SocketTransportOptions>(transport =>
            {
                var others = transport.CreateBoundListenSocket;
                transport.CreateBoundListenSocket = endpoint => endpoint is UnixDomainSocketEndPoint ? classicSocket : others(endpoint);
            });
        }


        await using var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Response.Headers[ProtocolVersion.Header] = ProtocolVersion.Current.ToString();
            if (keys.NextPinText is { } announced)
            {
                context.Response.Headers[ServerPins.NextHeader] = announced;
            }

            return next(context);
        });
        app.UseRouting();
        dashboard.AddGuards(app, life);
        app.UseEdge();
        app.UseSubmissionBodies();
        var calls = app.MapGroup("");
        ((IEndpointConventionBuilder)calls).Finally(CallTable.Apply);
        dashboard.AddPages(app, calls);
        calls.MapGrpcService<ClusterService>();
        calls.MapGrpcService<NodeLinkService>();
        calls.MapPost(OutputUpload.Route, app.Services.GetRequiredService<OutputIntake>().TakeAsync);
        calls.MapGet("/healthz", () => life.Ending.IsCancellationRequested ? Results.Text("stopping\n", statusCode: 503) : Results.Text("ok\n"))
            .WithMetadata(new OnLoopback());
        calls.MapTelemetry();

        await ListenAsync(app, stopping);
        var bound = BoundTo(app, Uri.UriSchemeHttps) ?? options.Listen;
        life.Listening = bound.ToString();
        life.DashboardUrl = dashboard.Url;
        life.ListeningClassic = options.Classic switch
        {
            null => "",
            { Tcp: { } tcp } => (BoundTo(app, Uri.UriSchemeHttp, dashboard.Url) ?? tcp).ToString(),
            var socket => socket.ToString(),
        };
        life.Addresses = Advertised.Of(bound);
        life.LocalAddress = Advertised.OnThisMachine(bound);
        Endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        life.NoteListens();
        app.Services.StartTelemetry();
        CrashPoints.Hit(CrashPoint.Listening);
        await app.Services.GetRequiredService<AuditLog>().NoteServerAsync("server start", life.Listening, ServerVersion.Text);
        await app.Services.GetRequiredService<IdentityAnnouncer>().BeginAsync(bound, stopping);
        CrashPoints.Hit(CrashPoint.AccessFileWritten);
        greeting.Ready(life, keys.Current.Pin, app.Services.GetRequiredService<AccessFile>().Path);
        if (RuntimeAge.Problem is { } old)
        {
            app.Services.GetRequiredService<ILogger<ServerHost>>().RuntimeIsOld(old);
        }

        if (options.Classic is { IsOpen: true })
        {
            app.Services.GetRequiredService<ILogger<ServerHost>>().ClassicIsOpen(life.ListeningClassic);
        }

        await ServeAsync(app, life, outputs, stopping);
    }

    /// <summary>The loop and the web server side by side. Whichever way it ends, links first, then calls, then what they wrote.</summary>
    private static async Task ServeAsync(WebApplication app, ServerLife life, OutputStore outputs, CancellationToken stopping)
    {
        using var loopStopping = new CancellationTokenSource();
        var loop = app.Services.GetRequiredService<ClusterLoop>().RunAsync(loopStopping.Token);
        var own = RunOwnWorkAsync(app.Services, life);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var byCaller = stopping.Register(() => stopped.TrySetResult());
        await using var byCall = app.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        await Task.WhenAny(loop, own, stopped.Task, outputs.Failed);

        CrashPoints.Hit(CrashPoint.StopBegun);
        var reason = outputs.Failed.IsCompleted ? (await outputs.Failed).Message
            : loop.IsFaulted ? loop.Exception.InnerException!.Message
            : own.IsFaulted ? own.Exception.InnerException!.Message
            : "the server is stopping";
        app.Services.GetRequiredService<NodeSessions>().LeaveAll(reason);
        life.End(reason);
        using var patience = new CancellationTokenSource(StopWait);
        await app.StopAsync(patience.Token);

        // It asks the loop, and ends before it; what it throws where the loop is broken is said by the loop.
        await own.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await loopStopping.CancelAsync();
        await loop;
        await own;
        await app.Services.GetRequiredService<AuditLog>().NoteServerAsync("server stop", "", reason);
        app.Services.GetRequiredService<BackgroundParts>().Call("making metrics and spans", app.Services.GetRequiredService<TelemetryFeed>().Drain);
        CrashPoints.Hit(CrashPoint.StopCommitted);
        if (outputs.Failed.IsCompleted)
        {
            throw await outputs.Failed;
        }
    }

    /// <summary>What the server does by itself, until it is to end. Fails only with what ends the server; any other failure is its part's alone.</summary>
    private static async Task RunOwnWorkAsync(IServiceProvider services, ServerLife life)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(life.Ending);
        var parts = services.GetRequiredService<BackgroundParts>();
        Task[] work =
        [
            parts.RunAsync("running schedules", stop => services.GetRequiredService<ScheduleKeeper>().RunAsync(life.Started, stop), ending.Token),
            parts.RunAsync("submitting commands on ends of jobs", services.GetRequiredService<EndCommands>().RunAsync, ending.Token),
            parts.RunAsync("calling webhooks", services.GetRequiredService<WebhookCalls>().RunAsync, ending.Token),
            parts.RunAsync("sampling the load", services.GetRequiredService<LoadSampler>().RunAsync, ending.Token),
            parts.RunAsync("exporting metrics", services.GetRequiredService<MetricsExport>().RunAsync, ending.Token),
            parts.RunAsync("making metrics and spans", services.GetRequiredService<TelemetryFeed>().RunAsync, ending.Token),
            parts.RunAsync("writing the audit log", services.GetRequiredService<AuditLog>().RunAsync, ending.Token),
            parts.RunAsync("watching the disk", services.GetRequiredService<DiskWatch>().RunAsync, ending.Token),
            parts.RunAsync("announcing addresses and keys", services.GetRequiredService<IdentityAnnouncer>().RunAsync, ending.Token),
        ];
        await Task.WhenAll(work.Select(EndAllWithAsync));

        async Task EndAllWithAsync(Task one)
        {
            try
            {
                await one;
            }
            catch
            {
                await ending.CancelAsync();
                throw;
            }
        }
    }

    private async Task ListenAsync(WebApplication app, CancellationToken stopping)
    {
        try
        {
            await app.StartAsync(stopping);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            var (address, option) = options.Classic?.Tcp is { } classic && e.Message.Contains(classic.ToString(), StringComparison.Ordinal)
                ? (classic, "--classic")
                : (options.Listen, "--listen");
            throw new ServerStartException($"{address} is in use by another program: stop that one, or choose another port with {option}");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            var addresses = options.Classic is null ? $"{options.Listen}" : $"{options.Listen} or {options.Classic}";
            throw new ServerStartException($"can not listen on {addresses}: {e.Message}");
        }
    }

    /// <summary>Where it listens with the real port. What is not HTTPS, and not the dashboard's, is the classic protocol, which the web server takes for HTTP here.</summary>
    private static ListenAddress? BoundTo(WebApplication app, string scheme, string except = "") =>
        app.Urls.Where(u => u != except).Select(u => new Uri(u)).Where(u => u.Scheme == scheme).Select(u => ListenAddress.Parse(u.Authority, out _)).FirstOrDefault();

    private static WebApplicationBuilder CreateBuilder(bool logsJson)
    {
        // Nothing of the surroundings decides what this server does: no environment variables of ASP.NET Core, no appsettings.json.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,

            // By which the list of the dashboard's files is found, whatever program this runs in.
            ApplicationName = typeof(ServerHost).Assembly.GetName().Name,
        });
        builder.Services.AddRoutingCore();
        builder.Logging.AddServerLog(logsJson);
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;

            // A reader of the log that has stopped reading must not stop who writes it, the committer among them. How many lines were left out, it says itself.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Error);

        // The framework's word on each caller whom it does not know: CallRefusals has it, and who floods the server must not fill its log.
        builder.Logging.AddFilter("Artel.Server.Edge.BearerAuthentication", LogLevel.Warning);
        builder.Logging.AddFilter("Artel.Dashboard.Hosting.SessionAuthentication", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);

        // It warns that keys in memory are not encrypted.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // What it has to say is that the server can not listen, with a stack; ListenAsync says it for people.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        return builder;
    }

    private void Configure(
        KestrelServerOptions kestrel, ServerKeys keys, DashboardListener dashboard, ConnectionGate gate, Socket? classicSocket)
    {
        kestrel.AddServerHeader = false;

        // The gate closes newcomers before this is reached.
        kestrel.Limits.MaxConcurrentConnections = Math.Min(options.MaxConnections, DescriptorLimit.Connections());
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);

        // What a call may send beyond this, and how slowly, its terms say once its caller is authorized.
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);

        // Streams last as long as they last; what is sent is bounded by flow control.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        if (options.Classic is { Tcp: { } tcp })
        {
            kestrel.Listen(tcp.Address, tcp.Port, ConfigureClassic);
        }
        else if (classicSocket?.LocalEndPoint is { } path)
        {
            kestrel.Listen(path, ConfigureClassic);
        }

        kestrel.Listen(options.Listen.Address, options.Listen.Port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.Use(next => connection => gate.RunAsync(connection, next));

            // Asked at each handshake, since the key may change.
            endpoint.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = keys.Current.Context,
                    EnabledSslProtocols = SslProtocols.Tls13,
                }),
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            });
        });
        dashboard.AddTo(kestrel, gate);

        void ConfigureClassic(ListenOptions endpoint)
        {
            endpoint.Use(next => connection => gate.RunAsync(connection, next));
            endpoint.UseConnectionHandler<ClassicListener>();
        }
    }
}

/// <summary>Whom to tell that the server is ready.</summary>
internal interface IServerGreeting
{
    /// <param name="life">Where it listens, with the real ports.</param>
    /// <param name="accessFile">The admin's access file.</param>
    void Ready(ServerLife life, CertificatePin pin, string accessFile);
}

/// <summary>The server can not start. The message is for people.</summary>
internal sealed class ServerStartException(string message) : Exception(message);

internal static partial class ServerHostLog
{
    [LoggerMessage(LogEvents.ClassicIsOpen, LogLevel.Warning,
        "The classic protocol is open to everyone who reaches {Address}: plain TCP, no authentication. Who connects there can be any node a map names by number, sees its tasks and answers for them")]
    public static partial void ClassicIsOpen(this ILogger log, string address);

    [LoggerMessage(LogEvents.RuntimeIsOld, LogLevel.Warning, "{Problem}")]
    public static partial void RuntimeIsOld(this ILogger log, string problem);
}

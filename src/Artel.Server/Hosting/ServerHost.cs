using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Artel.Core;
using Artel.Protocol;
using Artel.Protocol.Client;
using Artel.Server.Accounting;
using Artel.Server.Api;
using Artel.Server.Classic;
using Artel.Server.Endings;
using Artel.Server.Events;
using Artel.Server.History;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Schedules;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Artel.Server.Hosting;

/// <summary>One run of the server: opens what it keeps, listens, and ends cleanly. Everything is put together here.</summary>
internal sealed class ServerHost(ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(5);

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="StoreException">What it keeps can not be opened, or could not be written any more.</exception>
    /// <exception cref="ServerStartException">It can not listen.</exception>
    public async Task RunAsync(IServerGreeting greeting, CancellationToken stopping)
    {
        CrashPoints.Arm();
        using var folder = DataFolder.Open(options.DataDirectory);
        await using var database = await Database.OpenAsync(folder, stopping);
        var webhooks = new WebhookHosts(options.WebhookHosts);
        await using var store = new SqliteStore(database, time, document => OnEndTerms.Of(document, webhooks));
        var snapshot = await store.OpenAsync(SpecReader.Read, stopping);
        await using var outputs = new OutputStore(folder);
        CrashPoints.Hit(CrashPoint.SnapshotRead);
        using var credentials = await CredentialStore.OpenAsync(database, time, stopping);
        using var schedules = await ScheduleBook.OpenAsync(database, stopping);
        using var certificate = ServerCertificate.LoadOrCreate(folder, options.Listen.Address, time);
        CrashPoints.Hit(CrashPoint.CertificateMade);
        using var dashboard = DashboardListener.Open(options);
        using var life = new ServerLife { Epoch = snapshot.Epoch, Started = time.GetUtcNow() };

        var pin = CertificatePin.Of(certificate);
        var printer = new TicketPrinter(pin, life);
        var documents = new JobDocuments();
        foreach (var job in snapshot.Jobs)
        {
            documents.Add(job.Job, job.Document);
        }

        // What nodes with leases were told stays in force until they have none: a longer one is kept, over however many starts.
        var isLonger = snapshot.LostAfterBefore > options.LostAfter && snapshot.Jobs.Any(j => j.Open.Count > 0);
        await store.KeepLostAfterAsync(isLonger ? snapshot.LostAfterBefore : options.LostAfter, stopping);
        var state = new ClusterState(snapshot, new ClusterRules(options.LostAfter, options.MaxLosses), time.GetUtcNow());
        var builder = CreateBuilder(options.LogsJson);
        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(life).AddSingleton(time).AddSingleton(documents).AddSingleton(state);
        services.AddSingleton<IClusterStore>(store).AddSingleton(database).AddSingleton(outputs).AddSingleton(credentials);
        services.AddSingleton<AwakeTime>().AddSingleton<Vitals>().AddSingleton<JobSignals>().AddSingleton<Committed>();
        services.AddSingleton<NodeSessions>().AddSingleton<NodeAdmission>().AddSingleton<OutputTails>().AddSingleton<ClassicListener>();
        services.AddSingleton<Audience>().AddSingleton<ClusterLoop>();
        services.AddSingleton<JobReader>().AddSingleton<TaskReader>().AddSingleton<OutputReader>().AddSingleton<ResultReader>().AddSingleton<StatsReader>().AddSingleton<EventReader>();
        services.AddSingleton<ClusterHistory>().AddSingleton<NodeHistories>().AddSingleton<LoadSampler>();
        services.AddSingleton<HistoryReader>().AddSingleton<TaskMapReader>().AddSingleton<AttemptReader>().AddSingleton<SubmissionReader>();
        services.AddSingleton(new NodeBoard(snapshot.Epoch)).AddSingleton<EndedStates>().AddSingleton<OutputSearch>().AddSingleton<SettingsReader>();
        services.AddSingleton<Submissions>().AddSingleton(printer).AddSingleton<LoginCodes>();
        services.AddSingleton(schedules).AddSingleton<ScheduleKeeper>();
        services.AddSingleton(webhooks).AddSingleton<EndingSignal>().AddSingleton(new EndingRows(database)).AddSingleton<EndCommands>();
        services.AddSingleton<WebhookClient>().AddSingleton<WebhookCalls>();
        services.AddAccounting();
        services.AddTelemetry(store.ClusterId);
        services.AddSingleton<Gatekeeper>().AddSingleton<ClusterService>().AddSingleton<NodeLinkService>().AddSingleton<OutputIntake>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<Gatekeeper>();
            grpc.MaxReceiveMessageSize = ClusterChannel.MaxMessageBytes;
            grpc.MaxSendMessageSize = ClusterChannel.MaxMessageBytes;
        }).AddJsonTranscoding(json => json.JsonSettings.WriteInt64sAsStrings = true);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, certificate, dashboard));

        // After the web server has named its own.
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        dashboard.AddTo(builder, pin, life);

        await using var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Response.Headers[ProtocolVersion.Header] = ProtocolVersion.Current.ToString();
            return next(context);
        });
        dashboard.AddTo(app, life);
        app.MapGrpcService<ClusterService>();
        app.MapGrpcService<NodeLinkService>();
        app.MapPost(OutputUpload.Route, app.Services.GetRequiredService<OutputIntake>().TakeAsync);
        app.MapGet("/healthz", () => life.Ending.IsCancellationRequested ? Results.Text("stopping\n", statusCode: 503) : Results.Text("ok\n"))
            .WithMetadata(new OnLoopback());
        app.MapTelemetry(new MetricsAccess(credentials, DashboardListener.IsFromThisMachine));

        await ListenAsync(app, stopping);
        var bound = BoundTo(app, Uri.UriSchemeHttps) ?? options.Listen;
        (life.Listening, life.Addresses) = (bound.ToString(), Advertised.Of(bound));
        life.DashboardUrl = dashboard.Url;
        life.ListeningClassic = options.Classic is null ? "" : (BoundTo(app, Uri.UriSchemeHttp, dashboard.Url) ?? options.Classic).ToString();
        life.NoteListens();
        app.Services.StartTelemetry();
        CrashPoints.Hit(CrashPoint.Listening);
        var access = new AccessFile(options.HomeDirectory);
        await access.WriteAsync(credentials, printer, stopping);
        CrashPoints.Hit(CrashPoint.AccessFileWritten);
        greeting.Ready(life, pin, access.Path);
        if (options.Classic is { IsLoopback: false })
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
        CrashPoints.Hit(CrashPoint.StopCommitted);
        if (outputs.Failed.IsCompleted)
        {
            throw await outputs.Failed;
        }
    }

    /// <summary>What the server does by itself, until it is to end: schedules, and what follows the ends of jobs. Fails where one of them does.</summary>
    private static async Task RunOwnWorkAsync(IServiceProvider services, ServerLife life)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(life.Ending);
        Task[] work =
        [
            services.GetRequiredService<ScheduleKeeper>().RunAsync(life.Started, ending.Token),
            services.GetRequiredService<EndCommands>().RunAsync(ending.Token),
            services.GetRequiredService<WebhookCalls>().RunAsync(ending.Token),
            services.GetRequiredService<LoadSampler>().RunAsync(ending.Token),
            services.GetRequiredService<MetricsExport>().RunAsync(ending.Token),
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
            var (address, option) = options.Classic is { } classic && e.Message.Contains(classic.ToString(), StringComparison.Ordinal)
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
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Logging.AddServerLog(logsJson);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(c => c.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Error);

        // It warns that keys in memory are not encrypted.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // What it has to say is that the server can not listen, with a stack; ListenAsync says it for people.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        return builder;
    }

    private void Configure(KestrelServerOptions kestrel, X509Certificate2 certificate, DashboardListener dashboard)
    {
        kestrel.AddServerHeader = false;

        kestrel.Limits.MaxConcurrentConnections = DescriptorLimit.Connections();
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);

        // Links and deliveries last as long as they last; what they carry is bounded by credit and by flow control.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        if (options.Classic is { } classic)
        {
            kestrel.Listen(classic.Address, classic.Port, endpoint => endpoint.UseConnectionHandler<ClassicListener>());
        }

        kestrel.Listen(options.Listen.Address, options.Listen.Port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.SslProtocols = SslProtocols.Tls13;
                https.HandshakeTimeout = TimeSpan.FromSeconds(10);
            });
        });
        dashboard.AddTo(kestrel);
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
}

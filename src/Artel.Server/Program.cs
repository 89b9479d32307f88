using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Artel.Protocol.Maps;
using Artel.Protocol.Timing;
using Artel.Server.Endings;
using Artel.Server.Hosting;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;

namespace Artel.Server;

/// <summary>The command line of <c>artel-server</c>.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private static async Task<int> Main(string[] args)
    {
        OwnerOnly.BeginProcess();
        var data = new Option<string>("--data") { Description = "Folder for everything the server keeps", DefaultValueFactory = _ => Path.Combine(Home(), "data") };
        var listen = new Option<string>("--listen") { Description = "Where to listen, HOST:PORT; port 0 takes a free one", DefaultValueFactory = _ => "127.0.0.1:7070" };
        var classic = new Option<string?>("--classic") { Description = "Where nodes of the classic protocol connect: HOST:PORT, plain TCP without authentication, or unix:PATH, a socket of this account" };
        var insecure = new Option<bool>("--classic-insecure") { Description = "Allow --classic on other addresses than loopback" };
        var home = new Option<string>("--home") { Description = "Folder for the admin's access file", DefaultValueFactory = _ => Home() };
        var json = new Option<bool>("--json") { Description = "When ready, print one line of JSON instead of text" };
        var stdin = new Option<bool>("--stop-with-stdin") { Description = "Stop when standard input closes" };
        var heartbeat = new Option<string>("--heartbeat") { Description = "How often nodes say that they live", DefaultValueFactory = _ => "10s" };
        var lostAfter = new Option<string?>("--lost-after") { Description = "Silence after which a node is lost [default: three heartbeats]" };
        var maxLosses = new Option<string>("--max-losses") { Description = "A task that was lost with so many nodes is failed", DefaultValueFactory = _ => "3" };
        var dashboard = new Option<string?>("--dashboard") { Description = $"Where browsers of this machine reach the dashboard without TLS, HOST:PORT on loopback, or 'none' for no dashboard at all [default: {DashboardAddress.Default}]" };
        var dashboardNames = new Option<string[]>("--dashboard-name") { Description = "A name by which browsers call the dashboard, such as that of a proxy; may be given several times" };
        var webhooks = new Option<string[]>("--webhook-host") { Description = "A host that jobs may have called when they end, HOST[:PORT]; may be given several times" };
        var reserve = new Option<string?>("--disk-reserve") { Description = "Keep so much of the data folder's disk free [default: 1GiB, or 5% of the file system where that is less]" };
        var outputLimit = new Option<string?>("--max-output-limit") { Description = "The largest output_limit that a task may have [default: no limit]" };
        var privacy = new Option<string>("--privacy")
        {
            Description = "What people see of the jobs of others: own (names, states and numbers) or all (also arguments, output and files)",
            DefaultValueFactory = _ => "own",
        };
        var auditKeep = new Option<string>("--audit-keep")
        {
            Description = "How long the audit log keeps its records",
            DefaultValueFactory = _ => "365d",
        };
        var logFormat = new Option<string>("--log-format")
        {
            Description = "How it logs, on standard error: text or json, an object a line [ARTEL_LOG_FORMAT]",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ARTEL_LOG_FORMAT") is { Length: > 0 } chosen ? chosen : "text",
        };
        var root = new RootCommand("The server of an Artel cluster: keeps jobs, gives tasks to nodes, keeps results.")
        {
            data, listen, classic, insecure, home, json, stdin, heartbeat, lostAfter, maxLosses, webhooks, dashboard, dashboardNames, privacy, auditKeep, logFormat, reserve,
            outputLimit,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            var period = ParsePeriod(parsed.GetValue(heartbeat)!, "--heartbeat", LifeSigns.LeastHeartbeat, LifeSigns.MostHeartbeat);
            var silence = parsed.GetValue(lostAfter) is { } text ? ParsePeriod(text, "--lost-after", OneMillisecond, LifeSigns.MostLostAfter) : period * 3;
            var address = ListenAddress.Parse(parsed.GetValue(listen)!, out var error);
            if (period is null || silence is null || address is null)
            {
                return address is null ? Say(error, WrongUsage) : WrongUsage;
            }

            if (!TryReadClassic(parsed.GetValue(classic), parsed.GetValue(insecure), out var classicAddress, out error))
            {
                return Say(error, WrongUsage);
            }

            if (DashboardAddress.Parse(parsed.GetValue(dashboard), out error) is not { } dashboardAddress)
            {
                return Say(error, WrongUsage);
            }

            if (silence <= period)
            {
                return Say($"--lost-after must be longer than --heartbeat, which is {parsed.GetValue(heartbeat)}", WrongUsage);
            }

            var losses = parsed.GetValue(maxLosses)!;
            if (!int.TryParse(losses, NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most < 1)
            {
                return Say($"--max-losses {losses}: must be a whole number from 1", WrongUsage);
            }

            if (parsed.GetValue(logFormat) is not ("text" or "json") and var format)
            {
                return Say($"{(parsed.GetResult(logFormat) is { Implicit: false } ? "--log-format" : "ARTEL_LOG_FORMAT")} '{format}': must be text or json", WrongUsage);
            }

            if (parsed.GetValue(privacy) is not ("own" or "all") and var shown)
            {
                return Say($"--privacy '{shown}': must be own or all", WrongUsage);
            }

            if (ParsePeriod(parsed.GetValue(auditKeep)!, "--audit-keep", OneMillisecond, JobLimits.MaxDuration) is not { } recordsKept)
            {
                return WrongUsage;
            }

            var hosts = new List<string>();
            foreach (var host in parsed.GetValue(webhooks) ?? [])
            {
                if (WebhookHosts.Parse(host, out error) is not { } read)
                {
                    return Say(error, WrongUsage);
                }

                hosts.Add(read);
            }

            if (!TryReadSize(parsed.GetValue(reserve), "--disk-reserve", 0, out var kept) || !TryReadSize(parsed.GetValue(outputLimit), "--max-output-limit", 1, out var longest))
            {
                return WrongUsage;
            }

            var options = new ServerOptions
            {
                DataDirectory = parsed.GetValue(data)!,
                Listen = address,
                Classic = classicAddress,
                Dashboard = dashboardAddress,
                DashboardNames = parsed.GetValue(dashboardNames) ?? [],
                HomeDirectory = parsed.GetValue(home)!,
                Json = parsed.GetValue(json),
                StopWithStdin = parsed.GetValue(stdin),
                Heartbeat = period.Value,
                LostAfter = silence.Value,
                MaxLosses = most,
                WebhookHosts = hosts,
                DiskReserve = kept,
                MaxOutputLimit = longest,
                Privacy = parsed.GetValue(privacy) == "all" ? Privacy.All : Privacy.Own,
                AuditKeep = recordsKept,
                LogsJson = parsed.GetValue(logFormat) == "json",
            };
            return await RunAsync(options, cancellation);
        });
        var result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            return Say(result.Errors[0].Message, WrongUsage);
        }

        // Signals are this program's own to handle: they end the token that the action gets.
        return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellation)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (options.StopWithStdin)
        {
            _ = StopWithStdinAsync(stopping);
        }

        if (Environment.GetEnvironmentVariable("HOME") is not { Length: > 0 })
        {
            // The platform looks for certificates of this user in the home folder, and throws if the user has none.
            Environment.SetEnvironmentVariable("HOME", "/nonexistent");
        }

        try
        {
            IServerGreeting greeting = options.Json ? new GreetingForPrograms(options) : new GreetingForPeople(options);
            await new ServerHost(options, TimeProvider.System).RunAsync(greeting, stopping.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is StoreException or ServerStartException or StateBrokenException)
        {
            return Say(e.Message, Failed);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static async Task StopWithStdinAsync(CancellationTokenSource stopping)
    {
        var nothing = new byte[64];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(nothing, stopping.Token) > 0)
        {
            // Whatever is written there says nothing; its end does.
        }

        await stopping.CancelAsync();
    }

    private static bool TryReadClassic(string? text, bool insecure, out ClassicAddress? address, out string error)
    {
        address = null;
        error = insecure && text is null ? "--classic-insecure says how --classic may listen, and there is no --classic" : "";
        if (text is null)
        {
            return error.Length == 0;
        }

        address = ClassicAddress.Parse(text, out error);
        if (address is { IsOpen: true } && !insecure)
        {
            error = $"--classic {text} is open to everyone who reaches it: it is plain TCP without authentication. "
                + "Listen on 127.0.0.1 or on unix:PATH, or say that you know with --classic-insecure";
            return false;
        }

        return address is not null;
    }

    /// <param name="bytes">Null where nothing was given.</param>
    private static bool TryReadSize(string? text, string option, long least, out long? bytes)
    {
        bytes = null;
        if (text is null)
        {
            return true;
        }

        if (!Sizes.TryParse(text, out var read, out var error) || read < least)
        {
            Say($"{option} {text}: {(error.Length > 0 ? error : "must be 1 byte or more")}", WrongUsage);
            return false;
        }

        bytes = read;
        return true;
    }

    private static TimeSpan? ParsePeriod(string text, string option, TimeSpan least, TimeSpan most)
    {
        if (Durations.TryParse(text, least, most, out var duration, out var error))
        {
            return duration;
        }

        Say($"{option}: {error}", WrongUsage);
        return null;
    }

    private static string Home() => Environment.GetEnvironmentVariable("ARTEL_HOME") is { Length: > 0 } home
        ? home
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".artel");

    private static int Say(string message, int status)
    {
        Console.Error.WriteLine($"artel-server: {message}");
        return status;
    }
}

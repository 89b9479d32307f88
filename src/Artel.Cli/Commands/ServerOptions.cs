using System.CommandLine;
using System.Globalization;
using Artel.Cli.Access;
using Artel.Cli.Nodes;
using Artel.Protocol.Maps;
using Artel.Protocol.Timing;

namespace Artel.Cli.Commands;

/// <summary>The options of <c>artel-server</c> that <c>artel server start</c> and <c>artel up</c> pass on to it.</summary>
internal sealed class ServerOptions
{
    /// <summary>Elsewhere than the user's own home: of a private cluster.</summary>
    private readonly Option<string?> _home = new("--home") { Hidden = true };

    private readonly Option<string?> _data = new("--data") { Description = "Folder of the server's data [ARTEL_HOME/data].", HelpName = "DIR" };

    private readonly Option<string?> _listen = new("--listen")
    {
        Description = "Where to listen [127.0.0.1:7070]; 0.0.0.0:7070 for other machines too.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> _classic = new("--classic")
    {
        Description = "Let nodes of the classic protocol connect here too: plain TCP without authentication, or unix:PATH for a socket of this account.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<bool> _classicInsecure = new("--classic-insecure") { Description = "Allow --classic on other addresses than loopback." };
    private readonly Option<TimeSpan?> _heartbeat = Amounts.Duration(
        "--heartbeat", "How often nodes send their state, 100ms to 1h [10s].", LifeSigns.LeastHeartbeat, LifeSigns.MostHeartbeat);

    private readonly Option<TimeSpan?> _lostAfter = Amounts.Duration(
        "--lost-after", "Silence after which a node is lost, at most 30d [three heartbeats].", most: LifeSigns.MostLostAfter);

    private readonly Option<long> _maxLosses = Amounts.Count("--max-losses", "Fail a task that was lost with so many nodes.", 1, int.MaxValue, 3);

    private readonly Option<string?> _dashboard = new("--dashboard")
    {
        Description = "Where browsers of this machine reach the dashboard [127.0.0.1:7071], or 'none' for no dashboard at all.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string[]> _dashboardNames = new("--dashboard-name")
    {
        Description = "A name by which browsers may call the dashboard, beside addresses and this machine's own name. May be given several times.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _webhookHosts = new("--webhook-host")
    {
        Description = "A host that jobs may have called when they end. May be given several times [none].",
        HelpName = "HOST[:PORT]",
    };

    private readonly Option<long?> _diskReserve = Amounts.Size("--disk-reserve", "Keep so much of the data folder's disk free [1GiB, or 5% of the file system where that is less].");
    private readonly Option<long?> _maxOutputLimit = Amounts.Size("--max-output-limit", "The largest output_limit that a task may have [no limit].");
    private readonly Option<string?> _privacy = new("--privacy")
    {
        Description = "What people see of the jobs of others: own (names, states and numbers) or all (arguments, output and files too) [own].",
        HelpName = "MODE",
    };

    private readonly Option<TimeSpan?> _auditKeep = Amounts.Duration("--audit-keep", "How long the audit log keeps its records [365d].");

    private readonly Option<LogFormat> _logFormat = LogFormats.Option();

    public void AddTo(Command command)
    {
        command.Add(_home);
        command.Add(_data);
        command.Add(_listen);
        command.Add(_classic);
        command.Add(_classicInsecure);
        command.Add(_dashboard);
        command.Add(_dashboardNames);
        command.Add(_heartbeat);
        command.Add(_lostAfter);
        command.Add(_maxLosses);
        command.Add(_webhookHosts);
        command.Add(_diskReserve);
        command.Add(_maxOutputLimit);
        command.Add(_privacy);
        command.Add(_auditKeep);
        command.Add(_logFormat);
    }

    /// <exception cref="CommandFailure">The environment names no format.</exception>
    public LogFormat LogFormat(ParseResult parsed, Func<string, string?> variable) => LogFormats.Chosen(parsed, _logFormat, variable);

    public List<string> Arguments(ParseResult parsed, ArtelHome home)
    {
        List<string> arguments = ["--home", parsed.GetValue(_home) ?? home.Folder];
        if (parsed.GetValue(_data) is { } data)
            arguments.AddRange(["--data", Path.GetFullPath(data)]);

        if (parsed.GetValue(_listen) is { } listen)
            arguments.AddRange(["--listen", listen]);

        if (parsed.GetValue(_classic) is { } classic)
            arguments.AddRange(["--classic", classic]);

        if (parsed.GetValue(_classicInsecure))
            arguments.Add("--classic-insecure");

        if (parsed.GetValue(_dashboard) is { } dashboard)
            arguments.AddRange(["--dashboard", dashboard]);

        foreach (var name in parsed.GetValue(_dashboardNames) ?? [])
            arguments.AddRange(["--dashboard-name", name]);

        if (parsed.GetValue(_heartbeat) is { } heartbeat)
            arguments.AddRange(["--heartbeat", Durations.Format(heartbeat)]);

        if (parsed.GetValue(_lostAfter) is { } lostAfter)
            arguments.AddRange(["--lost-after", Durations.Format(lostAfter)]);

        if (parsed.GetResult(_maxLosses) is { Implicit: false })
            arguments.AddRange(["--max-losses", parsed.GetValue(_maxLosses).ToString(CultureInfo.InvariantCulture)]);

        foreach (var host in parsed.GetValue(_webhookHosts) ?? [])
            arguments.AddRange(["--webhook-host", host]);

        if (parsed.GetValue(_diskReserve) is { } reserve)
            arguments.AddRange(["--disk-reserve", reserve.ToString(CultureInfo.InvariantCulture)]);

        if (parsed.GetValue(_maxOutputLimit) is { } outputLimit)
            arguments.AddRange(["--max-output-limit", outputLimit.ToString(CultureInfo.InvariantCulture)]);

        if (parsed.GetValue(_privacy) is { } privacy)
            arguments.AddRange(["--privacy", privacy]);

        if (parsed.GetValue(_auditKeep) is { } auditKeep)
            arguments.AddRange(["--audit-keep", Durations.Format(auditKeep)]);

        // The server looks into the environment by itself.
        if (parsed.GetResult(_logFormat) is { Implicit: false })
            arguments.AddRange([LogFormats.Name, LogFormats.WordOf(parsed.GetValue(_logFormat))]);

        return arguments;
    }
}

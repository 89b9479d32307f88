using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Processes;
using Artel.Protocol.Client;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel server …</c></summary>
internal static class ServerCommands
{
    public static Command Create(Surroundings s)
    {
        var command = new Verb("server", "Start a server on this machine, or look at and stop the cluster's.");
        command.Add(Start(s));
        command.Add(Status(s));
        command.Add(RotateKeyCommand.Create(s));
        command.Add(Stop(s));
        return command;
    }

    private static Verb Start(Surroundings s)
    {
        var options = new ServerOptions();
        var json = new Option<bool>("--json") { Description = "Print one line of JSON when it listens." };
        var command = new Verb(
            "start",
            "Start a server in the foreground, until Ctrl-C or SIGTERM. Jobs are kept over restarts.\n"
            + "It writes the admin's access file to ARTEL_HOME, so that this command line reaches it at once.")
        {
            Examples =
            [
                "artel server start",
                "artel server start --data /var/lib/artel --listen 0.0.0.0:7070",
            ],
        };
        var withStdin = new Option<bool>("--stop-with-stdin") { Description = "Stop when standard input is closed, and not at Ctrl-C: for programs that start it." };
        options.AddTo(command);
        command.Add(withStdin);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var arguments = options.Arguments(parsed, s.Home);
            if (parsed.GetValue(json))
                arguments.Add("--json");

            if (parsed.GetValue(withStdin))
            {
                arguments.Add("--stop-with-stdin");
                Exec.LeaveGroup();
            }

            return Exec.Become(Programs.Server(s.Variable), arguments, SecretArguments.CleanEnvironment());
        });
        return command;
    }

    private static Verb Status(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("status", "Show how the cluster is.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var status = await session.Client.GetStatusAsync(new GetStatusRequest(), session.Question(ct));
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(StatusJson.Of(status, session.Address), j => j.StatusJson));
                return ExitStatus.Done;
            }

            new Facts()
                .Add("server", $"artel-server {status.Version} at {session.Address} (protocol {status.Protocol})")
                .Add("classic", status.ListenClassic)
                .Add("cluster", FormattableString.Invariant($"{status.ClusterId}, epoch {status.Epoch}"))
                .Add("started", status.Started is null ? "" : $"{Words.Moment(status.Started.ToDateTimeOffset())} ({Words.Ago(status.Started.ToDateTimeOffset(), s.Clock.GetUtcNow())})")
                .Add("nodes", FormattableString.Invariant($"{status.NodesConnected} connected of {status.NodesKnown}"))
                .Add("jobs", $"{Words.Count(status.JobsActive)} active{(status.ActiveTasks is { Total: > 0 } tasks ? $": {JobText.Counts(tasks)}" : "")}")
                .Add("key", Key(status.Key))
                .Add("disk", $"{Words.Size(status.FreeBytes)} of {Words.Size(status.DiskBytes)} free, {Words.Size(status.DiskReserve)} kept in reserve")
                .Add("privacy", status.Privacy == Privacy.All ? "all: everyone sees all but what may be secret" : "own: of the jobs of others, names, states and numbers")
                .Add("you", $"{status.User} ({StateWords.Of(status.Role)})")
                .Print(s.Terminal.Out);
            foreach (var line in status.Attention)
                s.Terminal.Warn(line);

            return ExitStatus.Done;
        });
        return command;
    }

    private static string Key(KeyRotation? key) =>
        key is null || key.Pin.IsEmpty ? ""
        : key.Switches is null ? new CertificatePin(key.Pin.Span).ToString()
        : $"{new CertificatePin(key.Pin.Span)}, changes to {new CertificatePin(key.NextPin.Span)} at {Words.Moment(key.Switches.ToDateTimeOffset())}";

    private static Verb Stop(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("stop", "Stop the server cleanly. Nodes keep their work and come back when it is started again.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            await session.Client.StopServerAsync(new StopServerRequest(), session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new StoppedServerJson(session.Address), j => j.StoppedServerJson, indented: false));

            s.Terminal.Note($"The server at {session.Address} stops.");
            return ExitStatus.Done;
        });
        return command;
    }
}

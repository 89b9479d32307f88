using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Submitting;
using Artel.Protocol.Maps;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary>
/// <c>artel map check</c> and <c>artel map plan</c>: neither needs a cluster. If one is configured and answers, they
/// also say what its nodes lack.
/// </summary>
internal static class MapCommands
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create(Surroundings s)
    {
        var command = new Verb("map", "Check a cluster map, or show what it would run.");
        command.Add(Check(s));
        command.Add(Plan(s));
        return command;
    }

    private static Verb Check(Surroundings s)
    {
        var file = FileArgument();
        var json = Verb.Json();
        var command = new Verb("check", "Say every mistake in a map, with its line. Exit status 2 where there are any.") { Examples = ["artel map check map.yaml"] };
        command.Add(file);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var name = parsed.GetRequiredValue(file);
            var result = MapFile.Parse(await SourceFile.ReadAsync(name, ct), s.Clock);
            var tasks = result.Job is null ? (int?)null : JobSpecs.Layout(result.Job).TaskCount;
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new MapCheckJson(name, tasks is not null, tasks, [.. result.Mistakes.Select(MistakeJson.Of)]), j => j.MapCheckJson));
            else if (tasks is not null)
                s.Terminal.Print($"{name} is right: {Words.Tasks(tasks.Value)}");
            else
                Tell(result, name, s.Terminal);

            if (result.Job is { } job)
                await WarnAsync(parsed, JobSpecs.Layout(job), s, ct);

            return tasks is not null ? ExitStatus.Done : ExitStatus.WrongUsage;
        });
        return command;
    }

    private static Verb Plan(Surroundings s)
    {
        var file = FileArgument();
        var json = Verb.Json();
        var command = new Verb("plan", "Show which tasks a map would run on which nodes, and with what numbers. Runs nothing.")
        {
            Examples = ["artel map plan map.yaml"],
        };
        command.Add(file);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var source = await SourceFile.ReadAsync(parsed.GetRequiredValue(file), ct);
            var job = MapFile.Read(source, s.Terminal, s.Clock);
            var plan = MapPlan.Of(job);
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(plan, j => j.MapPlanJson));
            else
                MapPlan.Print(plan, s.Terminal);

            await WarnAsync(parsed, JobSpecs.Layout(job), s, ct);
            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>
    /// Warns about what nodes of the configured cluster lack. It gives up after two seconds, without a word, if the
    /// cluster is out of reach.
    /// </summary>
    private static async Task WarnAsync(ParseResult parsed, JobLayout layout, Surroundings s, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, s.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            if (s.FindAccess(parsed) is not { } configured)
                return;

            var session = await s.ConnectAsync(configured, either.Token);
            foreach (var warning in await PlaceWarnings.AskAsync(session, layout, isMap: true, s.Clock, either.Token))
                s.Terminal.Warn(warning);
        }
        catch (Exception e) when (e is CommandFailure or RpcException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // The map is the same without a cluster.
        }
    }

    private static void Tell(MapResult result, string name, Terminal terminal)
    {
        foreach (var mistake in result.Mistakes)
            terminal.Note(mistake.ToString());

        terminal.Fail(MapFile.Verdict(name, result.Mistakes.Count));
    }

    private static Argument<string> FileArgument() => new("FILE") { Description = "The map; '-' is standard input." };
}

using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel why</c></summary>
internal static class WhyCommand
{
    public static Command Create(Surroundings s)
    {
        var what = SelectorArguments.JobOrTask();
        var json = Verb.Json();
        var command = new Verb("why", "Say why a job or a task waits, or why it failed.") { Examples = ["artel why 12", "artel why 12.3"] };
        command.Add(what);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var selector = parsed.GetRequiredValue(what);
            var session = await s.ConnectAsync(parsed, ct);
            var request = new ExplainRequest { Job = selector.Job, Task = selector.Task ?? 0 };
            var explanation = await session.Client.ExplainAsync(request, session.Question(ct));
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(
                    new ExplanationJson(selector.Job, selector.Task, [.. explanation.Reasons]), j => j.ExplanationJson));
                return ExitStatus.Done;
            }

            foreach (var reason in explanation.Reasons)
                s.Terminal.Print(Terminal.Plain(reason));

            if (explanation.Reasons.Count == 0)
                s.Terminal.Note($"There is nothing to explain: {selector} neither waits nor failed.");

            return ExitStatus.Done;
        });
        return command;
    }
}

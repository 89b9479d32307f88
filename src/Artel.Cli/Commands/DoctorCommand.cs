using System.CommandLine;
using Artel.Cli.Doctor;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Spectre.Console;

namespace Artel.Cli.Commands;

/// <summary><c>artel doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb(
            "doctor",
            "Look for what keeps commands from working: settings, addresses, certificate, versions, clocks, tokens, disk space, nodes.\n"
            + "Each line says ok, warn or fail, and what to do. Exit status 1 where something fails.")
        {
            Examples = ["artel doctor"],
        };
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var findings = new List<Finding>();
            await foreach (var finding in new Examination(s).ExamineAsync(() => s.FindAccess(parsed), ct))
            {
                findings.Add(finding);
                if (!parsed.GetValue(json))
                    Print(finding, s.Terminal.Out);
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new DoctorJson([.. findings.Select(f => new FindingJson(f.Word, f.What, f.Remedy.Length == 0 ? null : f.Remedy))]), j => j.DoctorJson));

            return findings.Any(f => f.Level == Level.Fail) ? ExitStatus.TaskFailed : ExitStatus.Done;
        });
        return command;
    }

    private static void Print(Finding finding, IAnsiConsole console)
    {
        var color = finding.Level switch
        {
            Level.Ok => Color.Green,
            Level.Warn => Color.Yellow,
            _ => Color.Red,
        };
        console.Write(new Text($"{finding.Word,-4}  ", new Style(color)));
        console.WriteLine(Terminal.Plain(finding.What));
        if (finding.Remedy.Length > 0)
            console.WriteLine($"      {Terminal.Plain(finding.Remedy)}");
    }
}

using System.Text.Json;
using Spectre.Console;

namespace Artel.Bench.Reporting;

/// <summary>Prints an outcome: a table, then one line of JSON, the last.</summary>
internal static class Printer
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Print(Outcome outcome)
    {
        var table = new Table { Border = TableBorder.Simple };
        for (var i = 0; i < outcome.Table.Columns.Length; i++)
        {
            table.AddColumn(new TableColumn(Markup.Escape(outcome.Table.Columns[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        }

        foreach (var line in outcome.Table.Lines)
        {
            table.AddRow([.. line.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
        Console.WriteLine(Figure.Text($"{outcome.Name}: {outcome.Value:0.###} {outcome.Unit}, to reach {outcome.Reach}: {(outcome.Met ? "met" : "not met")}"));
        Console.WriteLine(Json(outcome));
    }

    public static string Json(Outcome outcome)
    {
        var members = new Dictionary<string, object>
        {
            ["name"] = outcome.Name,
            ["value"] = Math.Round(outcome.Value, 4),
            ["unit"] = outcome.Unit,
            ["reach"] = outcome.Reach,
            ["met"] = outcome.Met,
        };
        foreach (var (name, value) in outcome.Figures)
        {
            members[name] = Math.Round(value, 4);
        }

        return JsonSerializer.Serialize(members, Compact);
    }
}

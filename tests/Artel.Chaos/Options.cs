using System.Globalization;

namespace Artel.Chaos;

/// <summary>What a chaos run is told.</summary>
/// <param name="Duration">How long work is submitted and faults are made; ending everything comes on top.</param>
/// <param name="Seed">Decides jobs and faults.</param>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Exclusive">Whether some tasks are exclusive.</param>
/// <param name="Json">Whether the table is printed as JSON.</param>
/// <param name="Log">File for the story of the run; null: none.</param>
public sealed record Options(TimeSpan Duration, int Seed, int Nodes = 5, bool Exclusive = true, bool Json = false, string? Log = null)
{
    public const string Usage = """
        artel-chaos --minutes M --seed S [--nodes 5] [--exclusive on|off] [--json] [--log FILE]

          Runs a real server and real nodes, submits jobs, kills, stops and cuts off programs, asks nodes to end, fills
          the disks of server and nodes, lets nodes run short of descriptors, and compares what was submitted, what ran
          and what was accepted. Exits with 0 only if all guarantees hold.
        """;

    /// <summary>Null, and why, where the arguments are wrong.</summary>
    public static Options? Parse(IReadOnlyList<string> arguments, out string error)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var options = new Options(TimeSpan.FromMinutes(1), 1);
        error = "";
        for (var i = 0; i < arguments.Count && error.Length == 0; i++)
        {
            if (arguments[i] == "--json")
            {
                options = options with { Json = true };
                continue;
            }

            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            var known = (arguments[i++], value) switch
            {
                ("--minutes", _) when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1440 =>
                    options with { Duration = TimeSpan.FromMinutes(minutes) },
                ("--seed", _) when int.TryParse(value, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
                ("--nodes", _) when int.TryParse(value, CultureInfo.InvariantCulture, out var nodes) && nodes is >= 2 and <= 50 =>
                    options with { Nodes = nodes },
                ("--exclusive", "on") => options with { Exclusive = true },
                ("--exclusive", "off") => options with { Exclusive = false },
                ("--log", not "") => options with { Log = Path.GetFullPath(value) },
                _ => null,
            };
            error = known is null ? $"'{arguments[i - 1]} {value}' is wrong" : "";
            options = known ?? options;
        }

        return error.Length == 0 ? options : null;
    }
}

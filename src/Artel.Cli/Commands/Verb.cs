using System.CommandLine;

namespace Artel.Cli.Commands;

/// <summary>A command with what its help page shows beyond its options.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>What follows the name where that is not simply its arguments.</summary>
    public IReadOnlyList<string> Usages { get; init; } = [];

    /// <summary>Command lines that work as they stand, with a remark after two spaces and '#'.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>The flag with which a command prints JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON (docs/cli-json.md) instead of text." };
}

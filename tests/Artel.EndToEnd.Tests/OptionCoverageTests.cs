using System.Text.RegularExpressions;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// No option without a story: each one that docs/cli.md lists for a command is given to the real program somewhere in these tests. Held
/// against their text: a test that runs the command and has the option among its words counts. Whether it looks at what the option
/// does, only a reader can tell.
/// </summary>
public sealed partial class OptionCoverageTests
{
    /// <summary>How tests run a command without naming it.</summary>
    private static readonly Dictionary<string, string[]> OtherWays = new()
    {
        ["submit"] = ["SubmitAsync("],
        ["node start"] = ["StartNodeAsync(", "BeginNodeAsync("],
        ["server start"] = ["server: ["],
    };

    [Fact]
    public void Every_option_of_every_command_is_used_by_a_test_through_the_real_program()
    {
        var tests = Tests().ToList();
        var commands = Commands().ToList();

        Assert.True(commands.Count > 40, $"docs/cli.md lists {commands.Count} commands");
        var idle = commands.SelectMany(c => c.Options.Where(o => !tests.Any(t => Runs(t, c.Name) && Gives(t, o))).Select(o => $"artel {c.Name} {o[0]}"));
        Assert.Equal([], idle);
    }

    private static bool Runs(string test, string command) =>
        test.Contains($"\"{command.Replace(" ", "\", \"", StringComparison.Ordinal)}\"", StringComparison.Ordinal)
        || OtherWays.GetValueOrDefault(command, []).Any(way => test.Contains(way, StringComparison.Ordinal));

    private static bool Gives(string test, string[] names) =>
        names.Any(n => test.Contains($"\"{n}\"", StringComparison.Ordinal) || test.Contains($"\"{n}=", StringComparison.Ordinal))
        || (names[0] == "--json" && test.Contains("JsonAsync(", StringComparison.Ordinal));

    /// <summary>Each member of each class of tests, and of the cluster that they share.</summary>
    private static IEnumerable<string> Tests() =>
        Directory.EnumerateFiles(Path.Combine(Binaries.Repository, "tests", "Artel.EndToEnd.Tests"), "*.cs")
            .Append(Path.Combine(Binaries.Repository, "tests", "Artel.Testing", "TestCluster.cs"))
            .SelectMany(file => BetweenMembers().Split(File.ReadAllText(file)));

    private static IEnumerable<(string Name, List<string[]> Options)> Commands()
    {
        (string Name, List<string[]> Options)? command = null;
        foreach (var line in File.ReadLines(Path.Combine(Binaries.Repository, "docs", "cli.md")))
        {
            if (line.StartsWith('#'))
            {
                if (command is { } whole)
                {
                    yield return whole;
                }

                command = line.StartsWith("## artel ", StringComparison.Ordinal) ? (line["## artel ".Length..], []) : null;
            }
            else if (OptionLine().Match(line) is { Success: true } option)
            {
                string[] names = [option.Groups["long"].Value, option.Groups["short"].Value];
                command?.Options.Add([.. names.Where(n => n.Length > 0)]);
            }
        }
    }

    [GeneratedRegex(@"^\* `((?<short>-\w), )?(?<long>--[\w-]+)")]
    private static partial Regex OptionLine();

    [GeneratedRegex(@"\n\n    (?=\S)")]
    private static partial Regex BetweenMembers();
}

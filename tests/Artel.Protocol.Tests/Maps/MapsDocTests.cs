using System.Text.RegularExpressions;
using Artel.Protocol.Maps;

namespace Artel.Protocol.Tests.Maps;

/// <summary>The reference for users says what the parser does.</summary>
public sealed partial class MapsDocTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Map.Repository, "docs", "maps.md"));

    [Fact]
    public void Every_key_is_in_the_reference() => Assert.All(
        MapKeys.Job.Concat(MapKeys.Task).Concat(MapKeys.Needs).Concat(MapKeys.Retry).Concat(MapKeys.Section),
        key => Assert.Contains($"`{key}`", Text, StringComparison.Ordinal));

    [Fact]
    public void The_map_in_the_reference_is_right()
    {
        var maps = YamlBlock().Matches(Text);

        Assert.NotEmpty(maps);
        Assert.All(maps, match => Map.Job(match.Groups[1].Value));
    }

    [Fact]
    public void The_example_of_every_option_is_right()
    {
        var rows = OptionRow().Matches(Text);

        Assert.Equal(MapKeys.Options, rows.Select(row => row.Groups["key"].Value));
        Assert.All(rows, row =>
        {
            if (row.Groups["key"].Value != "stdin_file")
                Map.Task($"array: 1-2, {row.Groups["key"].Value}: {row.Groups["example"].Value}");
        });
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"^\| `(?<key>\w+)` \| [^|]+ \| `(?<example>[^`|]+)` \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}

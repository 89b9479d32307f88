using System.Text;
using Artel.Protocol.Maps;
using CsCheck;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Texts made to cost much, or made of chance: always an answer, never much memory, never an exception.</summary>
public sealed class HostileMapTests
{
    [Fact]
    public void A_map_beyond_its_bound_is_refused_unread()
    {
        var text = new byte[JobLimits.MaxMapBytes + 1];

        var mistake = Assert.Single(MapParser.Parse(text, "m.yaml", Map.Context).Mistakes);

        Assert.Equal("m.yaml:1:1: the map is 16777217 large: at most 16MiB: say the same with an array, or split it into several maps", mistake.ToString());
    }

    [Fact]
    public void A_bomb_of_aliases_does_not_go_off()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            var repeated = string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10));
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{repeated}]\n");
        }

        var mistakes = Map.Mistakes(text.ToString());

        Assert.Equal("sweep.yaml:8:5: too large once its aliases are followed: say the same with an array or with 'defaults'", Assert.Single(mistakes));
    }

    [Fact]
    public void Defaults_that_tasks_multiply_are_counted_while_they_grow()
    {
        var text = $"defaults: {{ env: {{ A: {new string('x', 1_000_000)} }} }}\ntasks:\n{string.Concat(Enumerable.Repeat("- [a]\n", 100_000))}";

        Assert.Equal(
            "sweep.yaml:35:3: with this task the job is larger than 31MiB, the most that can be submitted at once: "
            + "say the same with an array, or split it into several jobs",
            Assert.Single(Map.Mistakes(text)));
    }

    [Fact]
    public void Deep_nesting_is_refused() => Assert.Equal(
        "sweep.yaml:1:34: nested more than 32 deep: a map has lists in lists only a few levels deep",
        Assert.Single(Map.Mistakes(new string('[', 1_000_000))));

    [Fact]
    public void Many_mistakes_are_reported_up_to_a_bound()
    {
        var mistakes = Map.Mistakes($"tasks:\n{string.Concat(Enumerable.Repeat("- x\n", 3000))}");

        Assert.Equal(JobSpecs.MaxMistakes + 1, mistakes.Length);
        Assert.Equal("sweep.yaml:1001:3: the map is not read further: it has too many mistakes: correct these first", mistakes[^1]);
    }

    [Fact]
    public void A_long_value_is_shortened_in_its_message()
    {
        var told = Assert.Single(Map.Mistakes($"tasks: [{{ run: [a], timeout: {string.Concat(Enumerable.Repeat("🙂", 1000))} }}]"));

        Assert.InRange(told.Length, 1, 250);
        Assert.DoesNotContain("\uFFFD", Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(told)), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_answered() => Gen.Byte.Array[0, 200].Sample(bytes => AssertAnswered(MapParser.Parse(bytes, "m.yaml", Map.Context)));

    [Fact]
    public void Any_text_of_yaml_characters_is_answered()
    {
        string[] pieces =
        [
            "tasks", "nodes", "run", "array", "after", "env", "defaults", "name", ": ", ":", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "'", "\"",
            "&a ", "*a", "!", "!!str ", "|", ">", "#", "%", "---", "...", "?", "~", "null", "1", "1-3", "{index}", "\\u0000", "\\ud83d", "\t", "\r",
            "🙂", "\u2028", "<<", "@", "`", "needs", "cpus", "retry", "0",
        ];

        Gen.Int[0, pieces.Length - 1].Array[0, 30].Sample(
            picks => AssertAnswered(Map.Parse(string.Concat(picks.Select(pick => pieces[pick])))),
            iter: 20_000);
    }

    [Fact]
    public void A_good_map_with_any_slip_is_answered()
    {
        var good = File.ReadAllText(Path.Combine(Map.Repository, "examples", "sweep.yaml"));
        var slip =
            from at in Gen.Int[0, good.Length - 1]
            from length in Gen.Int[0, 20]
            from inserted in Gen.Char[' ', '~'].Array[0, 4]
            select string.Concat(good.AsSpan(0, at), inserted, good.AsSpan(Math.Min(good.Length, at + length)));

        slip.Sample(text => AssertAnswered(Map.Parse(text)), iter: 5000);
    }

    private static void AssertAnswered(MapResult result)
    {
        Assert.Equal(result.Job is null, result.Mistakes.Count > 0);
        Assert.All(result.Mistakes, mistake =>
        {
            Assert.True(mistake is { Line: > 0, Column: > 0 });
            Assert.DoesNotContain('\n', mistake.ToString());
        });
        if (result.Job is not null)
        {
            Assert.Empty(JobSpecs.ValidateSpec(result.Job));
            JobSpecs.Layout(result.Job);
        }
    }
}

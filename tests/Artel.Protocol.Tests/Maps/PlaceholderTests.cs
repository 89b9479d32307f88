using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using CsCheck;

namespace Artel.Protocol.Tests.Maps;

/// <summary>What in a text is a placeholder, and what is not.</summary>
public sealed class PlaceholderTests
{
    [Theory]
    [InlineData("{index}", "7")]
    [InlineData("a{index}b", "a7b")]
    [InlineData("{{index}}", "{index}")]
    [InlineData("{{{index}}}", "{7}")]
    [InlineData("{{{{index}}}}", "{{index}}")]
    [InlineData("{{index}", "{7")]
    [InlineData("{index}}", "7}")]
    [InlineData("{\"a\":{\"n\":{index}}}", "{\"a\":{\"n\":7}}")]
    [InlineData("${index}", "${index}")]
    [InlineData("${{index}}", "${{index}}")]
    [InlineData("$${index}", "$$7")]
    [InlineData("${x:-{index}}", "${x:-7}")]
    [InlineData("{index}{entry:/}{index}", "7f.x7")]
    [InlineData("{{entry:/}}", "{entry:/}")]
    [InlineData("{{{", "{{{")]
    [InlineData("}}", "}}")]
    [InlineData("{}", "{}")]
    [InlineData("{{}}", "{{}}")]
    [InlineData("{1}", "{1}")]
    [InlineData("a{{3}}", "a{{3}}")]
    [InlineData("{print $1}", "{print $1}")]
    [InlineData("{{.Names}} {{json .}}", "{{.Names}} {{json .}}")]
    [InlineData("{\"a\":{\"b\":{}}}", "{\"a\":{\"b\":{}}}")]
    [InlineData("{ index }", "{ index }")]
    [InlineData("{indexes} {entries}", "{indexes} {entries}")]
    public void A_placeholder_is_a_known_word_in_one_pair_of_braces(string text, string expected) =>
        Assert.Equal(expected, TaskMarks.Fill(text, 7, new TaskEntry("d/f.x", IsJson: false)));

    [Fact]
    public void Whatever_is_escaped_is_passed_on_as_it_is() => Gen.OneOf("{", "}", "$", "index", "entry", "entry.a:/", " ", "x").Array[0, 12].Sample(parts =>
    {
        var literal = string.Concat(parts);

        Assert.Equal(literal, TaskMarks.Fill(TaskMarks.Escape(literal), 7, new TaskEntry("v", IsJson: false)));
    });

    [Fact]
    public void What_was_split_is_written_so_that_it_is_split_the_same() => Gen.OneOf("{", "}", "$", "index", "entry", " ").Array[0, 12].Sample(parts =>
    {
        var pieces = BraceText.Split(string.Concat(parts), TaskMarks.IsMark);

        Assert.Equal(pieces, BraceText.Split(BraceText.Write(pieces, TaskMarks.IsMark), TaskMarks.IsMark));
    });

    [Fact]
    public void A_folder_of_the_user_is_no_template_and_what_is_given_below_it_is_one()
    {
        Assert.Equal("/h/x{{index}}", TaskFolder.Of(null, "/h/x{index}"));
        Assert.Equal("/h/x{{index}}/{index}", TaskFolder.Of("./{index}", "/h/x{index}"));
        Assert.Equal("/h/{entry://}", TaskFolder.Of("{entry://}", "/h"));
        Assert.Equal("/a/{index}", TaskFolder.Of("/a/{index}", "/h"));
        Assert.Equal("/h/b", TaskFolder.Of("../h/./b", "/h"));
        Assert.Equal("/h/{{index}}", TaskFolder.Of("{{index}}", "/h"));
    }

    [Fact]
    public void The_folder_that_a_map_is_submitted_from_is_no_template()
    {
        var job = MapParser.Parse("tasks: [{run: [a, '{index}'], array: 1-2}, {run: [b], cwd: 'd{index}', array: 1-2}]", "m", new MapContext
        {
            MapDirectory = "/m{index}",
            SubmissionDirectory = "/s{entry}",
        }).Job!;

        Assert.Equal(["/s{{entry}}", "/m{{index}}/d{index}"], job.Tasks.Select(t => t.Cwd));
    }

    [Fact]
    public void A_placeholder_without_a_value_is_refused_with_its_argument_and_the_way_out()
    {
        var job = new JobSpec { Tasks = { new TaskTemplate { Run = { "sh", "-c", "echo {index}" } } } };

        var mistake = Assert.Single(JobSpecs.ValidateSpec(job)).ToString();

        Assert.Contains(
            "argument 2, 'echo {index}': {index} in a task that is no array", mistake, StringComparison.Ordinal);
        Assert.Contains("write {{index}} for the text {index}", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_of_on_end_has_words_of_its_own()
    {
        Assert.Equal(
            "12 ${job} {job} n{{index}}", EndMarks.Fill("{job} ${job} {{job}} {name}", "12", "n{index}", "failed"));
        Assert.Equal("n{index}", TaskMarks.Fill(EndMarks.Fill("{name}", "12", "n{index}", "failed"), 7, null));
    }
}

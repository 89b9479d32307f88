using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Entries: what a map says of them, which entry a task has, and what its marks become.</summary>
public sealed class EntryMapTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artel-entries-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("entries: [a, 1.50, 'b c']", "a", "1.50", "b c")]
    [InlineData("entries: [a, {x: 1, y: [0.10, yes, ~]}]", "a", """{"x":1,"y":[0.10,"yes",null]}""")]
    [InlineData("matrix: {lr: [0.1, 0.01], seed: 1-3:2}",
        """{"lr":0.1,"seed":1}""", """{"lr":0.1,"seed":3}""", """{"lr":0.01,"seed":1}""", """{"lr":0.01,"seed":3}""")]
    [InlineData("matrix: {a: ['1', x], b: {values: [p, q], linked: true}, c: [7]}", """{"a":"1","b":"p","c":7}""", """{"a":"x","b":"q","c":7}""")]
    [InlineData("matrix: {é: [<é>]}", """{"é":"<é>"}""")]
    public void Each_task_has_its_entry(string keys, params string[] entries) => Assert.Equal(entries, EntriesOf(Map.Task(keys)));

    [Fact]
    public void Lines_and_elements_of_files_are_entries()
    {
        File.WriteAllText(Path.Combine(_folder, "lines"), "a b\r\n\nc");
        File.WriteAllText(Path.Combine(_folder, "texts.json"), """["a", 1.0, null]""");
        File.WriteAllText(Path.Combine(_folder, "mixed.json"), """[ "a" , { "x" :  [1, 2] } ]""");

        Assert.Equal(["a b", "", "c"], EntriesOf(TaskOf("each_line: lines")));
        Assert.Equal(["a", "1.0", "null"], EntriesOf(TaskOf("entries_file: texts.json")));
        Assert.Equal(["a", """{"x":[1,2]}"""], EntriesOf(TaskOf("entries_file: mixed.json")));
    }

    [Theory]
    [InlineData("entries: []")]
    [InlineData("each_line: none")]
    [InlineData("entries_file: none.json")]
    [InlineData("matrix: {a: [], b: [1]}")]
    public void A_list_may_be_empty_and_is_no_tasks_then(string keys)
    {
        File.WriteAllText(Path.Combine(_folder, "none"), "");
        File.WriteAllText(Path.Combine(_folder, "none.json"), "[]");

        Assert.Empty(EntriesOf(TaskOf(keys)));
    }

    [Fact]
    public void What_waits_for_an_empty_list_waits_for_nothing_unless_that_waits_itself()
    {
        const string One = "{ name: one, run: [a] }";

        Assert.Empty(Parse($"tasks: [{{ name: none, run: [a], entries: [] }}, {{ run: [b], after: none }}]").Mistakes);
        Assert.Contains(
            "'none' has no entries, and waits for others itself",
            Assert.Single(Parse($"tasks: [{One}, {{ name: none, run: [a], entries: [], after: one }}, {{ run: [b], after: none }}]").Mistakes).ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("each_line", "no", null, "each_line 'no' does not exist")]
    [InlineData("entries_file", "f", "{}", "entries_file 'f' holds an object: it must be a JSON array")]
    [InlineData("entries_file", "f", "[1,\n 2,]", "entries_file 'f' is not JSON (line 2, column 4)")]
    public void A_file_that_holds_no_entries_is_told(string key, string name, string? text, string problem)
    {
        if (text is not null)
            File.WriteAllText(Path.Combine(_folder, name), text);

        var mistake = Assert.Single(Parse($"tasks: [{{ run: [a], {key}: {name} }}]").Mistakes);

        Assert.Contains(problem, mistake.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_no_text_is_an_entry_nevertheless()
    {
        File.WriteAllBytes(Path.Combine(_folder, "f"), [(byte)'a', (byte)'\n', 0xff, (byte)'\n']);

        var axis = Assert.Single(Parse("tasks: [{run: [a], each_line: f}]").Job!.Tasks[0].Axes);

        Assert.Equal(["a", "\U0010FEFF"], axis.Values);
    }

    [Fact]
    public void Without_indices_of_its_own_the_index_is_the_place_of_the_entry()
    {
        var plain = PlaceOf(Map.Task("entries: [x, y]"));
        var named = PlaceOf(Map.Task("entries: [x, y], array: '5,9'"));

        Assert.Equal([1, 2], [plain.IndexOf(1), plain.IndexOf(2)]);
        Assert.Equal([5, 9], [named.IndexOf(1), named.IndexOf(2)]);
        Assert.Equal("y", named.EntryOf(2)!.Value.Shown);
    }

    [Fact]
    public void Combinations_are_never_written_out()
    {
        var task = Map.Task("matrix: {a: 1-1000, b: 1-1000, c: [x, y]}");

        Assert.Equal(2_000_000, PlaceOf(task).Count);
        Assert.True(task.CalculateSize() < 200);
        Assert.Equal("""{"a":1000,"b":1000,"c":"y"}""", PlaceOf(task).EntryOf(2_000_000)!.Value.Shown);
        Assert.Equal("""{"a":1,"b":2,"c":"x"}""", PlaceOf(task).EntryOf(3)!.Value.Shown);
    }

    [Fact]
    public void Nodes_get_the_template_without_its_entries()
    {
        var spec = PlaceOf(Map.Task("matrix: {a: 1-1000, b: [x, y]}")).ForNodes;

        Assert.Equal(["a", "b"], spec.Axes.Select(a => a.Name));
        Assert.All(spec.Axes, a => Assert.True(a.Values.Count == 0 && a.Indices is null));
        Assert.True(EntryAxes.AreJson(spec));
        Assert.False(EntryAxes.AreJson(PlaceOf(Map.Task("entries: [a, b]")).ForNodes));
    }

    [Theory]
    [InlineData("{entry}-{index}", "a/b.c.txt", false, "a/b.c.txt-7")]
    [InlineData("{entry:.} {entry:/} {entry://} {entry:/.}", "a/b.c.txt", false, "a/b.c b.c.txt a b.c")]
    [InlineData("{entry:.} {entry://}", "dir.d/file", false, "dir.d/file dir.d")]
    [InlineData("{entry://} {entry:/.}", "file.", false, ". file.")]
    [InlineData("{entry://}", "/file", false, "/")]
    [InlineData("{entry}", "{index}{entry}", false, "{index}{entry}")]
    [InlineData("{{entry}} {entry {entry:x} {entries} {}", "v", false, "{entry} {entry {entry:x} {entries} {}")]
    [InlineData("{entry.lr}/{entry.in.0}/{entry.f:.}", """{"lr":1.50,"in":["é"],"f":"a.b"}""", true, "1.50/é/a")]
    [InlineData("{entry}", "\"text\"", true, "text")]
    [InlineData("{entry}", """{"a":1}""", true, """{"a":1}""")]
    public void Marks_are_replaced_once(string text, string entry, bool isJson, string expected) =>
        Assert.Equal(expected, TaskMarks.Fill(text, 7, new TaskEntry(entry, isJson)));

    [Theory]
    [InlineData("run: ['{entry}']", "1:17: argument 0, '{entry}': {entry} in a task that has no entries")]
    [InlineData("run: [a, '{entry.x}'], entries: [a, b]", "{entry.x}: entries of plain text have no keys")]
    [InlineData("run: [a, '{entry.x}'], entries: [{x: 1}, {y: 2}]", "{entry.x}: entry 2 has no 'x'")]
    [InlineData("run: [a, '{entry.lx}'], matrix: {lr: [1]}", "{entry.lx}: no axis is named 'lx': did you mean 'lr'?")]
    [InlineData("run: [a], entries: [a], matrix: {lr: [1]}", "a second list of entries, 'matrix'")]
    [InlineData("run: [a], entries: [a, b], array: 1-3", "3 indices for 2 entries")]
    [InlineData("run: [a], entries: 5", "entries is a single value")]
    [InlineData("run: [a], matrix: {}", "matrix has no axes")]
    [InlineData("run: [a], matrix: {a.b: [1]}", "wrong axis name 'a.b'")]
    [InlineData("run: [a], matrix: {a: fast}", "the axis a: 'fast' is no index or range")]
    [InlineData("run: [a], matrix: {a: {values: [1], linked: true}}", "it is the first")]
    [InlineData("run: [a], matrix: {a: [1, 2], b: {values: [1], linked: true}}", "'b' has 1 values, and the axis it is linked to 2")]
    [InlineData("run: [a], matrix: {a: 1-20000, b: 1-20000}", "more combinations than a job can have tasks (20,000,000)")]
    [InlineData("run: [a], env: {ARTEL_ENTRY: x}", "ARTEL_ENTRY is set by Artel")]
    public void What_is_wrong_with_entries_is_told(string keys, string words) =>
        Assert.Contains(Map.Mistakes($"tasks: [{{ {keys} }}]"), m => m.Contains(words, StringComparison.Ordinal));

    [Fact]
    public void An_entry_is_not_longer_than_a_variable_may_be()
    {
        var task = new TaskTemplate { Run = { "a" }, Axes = { new Axis { Values = { new string('x', JobLimits.MaxEntryBytes + 1) } } } };

        Assert.Contains("its longest entry", Assert.Single(JobSpecs.ValidateSpec(new JobSpec { Tasks = { task } })).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_lines_are_one_message()
    {
        File.WriteAllLines(Path.Combine(_folder, "lines"), Enumerable.Range(1, 1_000_000).Select(i => $"file-{i}.png"));

        var job = Parse("tasks: [{ run: [convert, '{entry}'], each_line: lines }]").Job!;

        Assert.Equal("file-1000000.png", JobSpecs.Layout(job).Templates[0].EntryOf(1_000_000)!.Value.Shown);
    }

    [Fact]
    public void Wire_axes_that_no_map_could_say_are_refused()
    {
        Axis[] wrong =
        [
            new() { Json = true, Values = { "{" } },
            new() { Values = { "a\0b" } },
            new() { Values = { "a" }, Indices = new IndexSet { Ranges = { new IndexRange { First = 1, Last = 1 } } } },
            new() { Indices = new IndexSet { Ranges = { new IndexRange { First = 5, Last = 1 } } } },
        ];

        Assert.All(wrong, axis => Assert.Single(JobSpecs.ValidateSpec(new JobSpec { Tasks = { new TaskTemplate { Run = { "a" }, Axes = { axis } } } })));
    }

    private MapResult Parse(string text) => MapParser.Parse(text, "m", new MapContext { MapDirectory = _folder, SubmissionDirectory = _folder });

    private TaskTemplate TaskOf(string keys) => Assert.Single(Parse($"tasks: [{{ run: [a], {keys} }}]").Job!.Tasks);

    private static TemplatePlace PlaceOf(TaskTemplate task) => JobSpecs.Layout(new JobSpec { Tasks = { task } }).Templates[0];

    private static IEnumerable<string> EntriesOf(TaskTemplate task)
    {
        var place = PlaceOf(task);
        return Enumerable.Range(1, place.Count).Select(i => place.EntryOf(i)!.Value.Shown);
    }
}

using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Tests;

/// <summary>What the options of <c>submit</c> and <c>run</c> make, seen through <c>--dry-run</c>.</summary>
public sealed class SubmitTests : IDisposable
{
    private readonly CommandLine _artel = new();

    public void Dispose() => _artel.Dispose();

    [Fact]
    public async Task The_options_of_a_job_are_in_it()
    {
        var job = await JobAsync(
            "--name", "n", "--priority", "4", "--hold", "--start-at", "2099-01-01T00:00:00Z", "--deadline", "2099-01-02T00:00:00Z", "--max-fails", "3",
            "--tag", "a", "--tag", "b", "--limit", "a=3", "--limit", "b=0", "--after", "12", "--after", "13.4", "--after-any", "14", "--", "echo");

        Assert.True(job is { Name: "n", Priority: 4, Hold: true, MaxFails: 3 });
        Assert.Equal(new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), job.StartAt.ToDateTimeOffset());
        Assert.Equal(new DateTimeOffset(2099, 1, 2, 0, 0, 0, TimeSpan.Zero), job.Deadline.ToDateTimeOffset());
        Assert.Equal(["a", "b"], job.Tags);
        Assert.Equal((3, 0), (job.Limits["a"], job.Limits["b"]));
        Assert.Equal(["12", "13.4", "14"], job.After.Select(JobDependencies.Format));
        Assert.Equal([false, false, true], job.After.Select(a => a.AnyOutcome));
        Assert.Equal(0, (await JobAsync("--fail-fast", "--", "echo")).MaxFails);
        Assert.False((await JobAsync("--", "echo")).HasMaxFails);
    }

    [Fact]
    public async Task A_duration_is_counted_from_now()
    {
        var before = TimeProvider.System.GetUtcNow();

        var job = await JobAsync("--start-at", "+2h", "--deadline", "3h", "--", "echo");

        Assert.InRange(job.StartAt.ToDateTimeOffset(), before.AddHours(2), TimeProvider.System.GetUtcNow().AddHours(2));
        Assert.InRange(job.Deadline.ToDateTimeOffset(), before.AddHours(3), TimeProvider.System.GetUtcNow().AddHours(3));
    }

    [Fact]
    public async Task The_options_of_a_command_are_in_its_task()
    {
        var env = _artel.WriteFile("vars", "# words\n\nA=1\nB=x=y \n");

        var task = Assert.Single((await JobAsync(
            "--array", "1-10:3%2", "--pin", "--cpus", "2", "--memory", "1GiB", "--gpus", "2", "--resource", "lic=2", "--prefer", "disk=ssd", "--label", "os=linux",
            "--env-file", env, "--env", "A=2", "--inherit-env", "PATH", "--cwd", "/x", "--timeout", "5s", "--retries", "2", "--", "echo", "{index}")).Tasks);

        Assert.True(task is { Pin: true, AtOnce: 2, Cwd: "/x", Needs: { MilliCpus: 2000, MilliGpus: 2000, MemoryBytes: 1 << 30 } });
        Assert.Equal("1-10:3", IndexSets.Format(task.Array));
        Assert.Equal(2, task.Needs.Counters["lic"]);
        Assert.Equal("ssd", task.Prefer["disk"]);
        Assert.Equal(("2", "x=y ", Environment.GetEnvironmentVariable("PATH")), (task.Env["A"], task.Env["B"], task.Env["PATH"]));
        Assert.Equal(3, task.Env.Count);
    }

    [Fact]
    public async Task All_variables_are_inherited_but_those_of_artel()
    {
        var task = (await JobAsync("--inherit-env", "--", "echo")).Tasks[0];

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), task.Env["PATH"]);
        Assert.DoesNotContain(task.Env.Keys, k => k.StartsWith("ARTEL_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_once_of_one_node_is_that_of_its_list()
    {
        var section = Assert.Single((await JobAsync("--node", "n1", "--array", "1-9%3", "--", "echo")).Sections);

        Assert.Equal((3, 0), (section.AtOnce, section.Tasks[0].AtOnce));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2, "--retries", "2")]
    public async Task A_command_for_one_node_is_retried_only_as_often_as_it_says(int retries, params string[] options)
    {
        var job = await JobAsync(["--node", "n1", .. options, "--", "echo"]);

        Assert.Equal(retries, Assert.Single(JobLayout.Of(job).Templates).Retries);
    }

    [Fact]
    public async Task Entries_come_from_lines_and_from_json()
    {
        var lines = _artel.WriteFile("lines", "a b\nc\n");
        var json = _artel.WriteFile("json", """[{"x": 1}, {"x": 2}]""");

        Assert.Equal(["a b", "c"], Entries(await JobAsync("--each-line", lines, "--", "echo", "{entry}")));
        Assert.Equal(["""{"x":1}""", """{"x":2}"""], Entries(await JobAsync("--from-json", json, "--", "echo", "{entry.x}")));
    }

    [Theory]
    [InlineData("a\nb\0c \0\0")]
    [InlineData("a\nb\0c \0\0\r")]
    public async Task Entries_may_end_with_a_NUL_byte(string content)
    {
        var files = _artel.WriteFile("files", content);
        string[] last = content.EndsWith('\r') ? ["\r"] : [];

        Assert.Equal(["a\nb", "c ", "", .. last], Entries(await JobAsync("--null", "--each-line", files, "--", "echo", "{entry}")));
        Assert.Equal(["a\nb", "c ", "", .. last], Entries(await JobAsync("-0", "--", "echo", "::::", files)));
    }

    [Fact]
    public async Task Options_of_the_job_go_over_those_of_a_map_and_add_to_its_lists()
    {
        var map = _artel.WriteFile("map.yaml", "name: m\npriority: 1\nmax_fails: 5\ntags: [a]\nlimits: {a: 1, b: 2}\nafter: 3\ntasks: [[a]]\n");

        var job = await JobAsync("--priority", "7", "--fail-fast", "--tag", "a", "--tag", "c", "--limit", "a=9", "--after-any", "4", map);

        Assert.True(job is { Name: "m", Priority: 7, MaxFails: 0 });
        Assert.Equal(["a", "c"], job.Tags);
        Assert.Equal((9, 2), (job.Limits["a"], job.Limits["b"]));
        Assert.Equal(["3", "4"], job.After.Select(JobDependencies.Format));
    }

    [Theory]
    [InlineData("echo|{entry}", "a,b", "echo ::: a b")]
    [InlineData("convert|{entry}|{entry:.}.png", "a.jpg", "convert {} {.}.png ::: a.jpg")]
    [InlineData("x|{entry:/}|{entry://}|{entry:/.}|{index}", "a", "x {/} {//} {/.} {#} ::: a")]
    [InlineData("x|{entry}{entry:.}", "a", "x {1}{1.} ::: a")]
    [InlineData("echo|{entry.1}|{entry.2}", """{"1":"a","2":"x"},{"1":"a","2":"y"},{"1":"b","2":"x"},{"1":"b","2":"y"}""", "echo ::: a b ::: x y")]
    [InlineData("echo|{entry.2:/.} {entry.1}|{entry.1} {entry.2}", """{"1":"a","2":"x"},{"1":"b","2":"y"}""", "echo {2/.}_{1} {} ::: a b c :::+ x y")]
    [InlineData("echo|{}|{.}", "", "echo {} {.}")]
    public async Task The_words_of_gnu_parallel_become_axes_and_marks(string run, string entries, string words)
    {
        var job = await JobAsync(["--", .. words.Split(' ').Select(w => w.Replace('_', ' '))]);

        Assert.Equal(run.Split('|'), job.Tasks[0].Run);
        Assert.Equal(entries, string.Join(',', Entries(job)));
    }

    [Theory]
    [InlineData("grep|-E|a{3}|{entry}", "grep -E a{3} ::: f")]
    [InlineData("grep|-E|a{3}|{entry}", "grep -E a{{3}} ::: f")]
    [InlineData("grep|-E|(ab){1}|{entry}", "grep -E (ab){{1}} ::: f")]
    [InlineData("echo|{}|{.}|{entry}", "echo {{}} {{.}} ::: f")]
    [InlineData("sh|-c|echo_${1}_${index}|{entry}", "sh -c echo_${1}_${index} ::: f")]
    [InlineData("jq|{\"a\":{\"b\":{entry}}}", "jq {\"a\":{\"b\":{}}} ::: f")]
    [InlineData("x|{{index}}|{entry}", "x {{index}} ::: f")]
    [InlineData("x|{{{entry}}}", "x {{{}}} ::: f")]
    public async Task What_looks_like_a_placeholder_and_is_none_is_passed_on(string run, string words)
    {
        var job = await JobAsync(["--", .. words.Split(' ')]);

        Assert.Equal(run.Split('|'), job.Tasks[0].Run);
    }

    [Theory]
    [InlineData("argument 2, 'a{1}': {1} may stand for the value or be a count", "{{1}}", "grep -E a{1} ::: f")]
    [InlineData("argument 1, '{2}': {2} stands for a list that is not there, 1 given", "{{2}}", "echo {2} ::: f")]
    [InlineData("argument 1, 'a{1}{3}': {3} stands for a list that is not there, 2 given", "{{3}}", "x a{1}{3} ::: f ::: g")]
    public async Task What_could_be_both_is_refused_with_the_ways_out(string words, string remedy, string command)
    {
        Assert.Equal(
            ExitStatus.WrongUsage, await _artel.RunAsync(["submit", "--dry-run", "--", .. command.Split(' ')]));

        var line = Assert.Single(_artel.Error.TrimEnd().Split('\n'));
        Assert.Contains(words, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_inherited_and_what_is_in_files_is_no_template()
    {
        var env = _artel.WriteFile("vars", "A=x{index}\n");
        Environment.SetEnvironmentVariable("SUBMIT_TESTS_FUNC", "() { echo {index}; }");
        try
        {
            var job = await JobAsync(
                "--inherit-env", "SUBMIT_TESTS_FUNC", "--env-file", env, "--env", "B={index}",
                "--array", "1-2", "--", "echo");
            var task = job.Tasks[0];

            Assert.Equal(
                ("() { echo {{index}}; }", "x{{index}}", "{index}"),
                (task.Env["SUBMIT_TESTS_FUNC"], task.Env["A"], task.Env["B"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SUBMIT_TESTS_FUNC", null);
        }
    }

    [Fact]
    public async Task What_says_something_of_one_process_is_not_inherited_unless_it_is_named()
    {
        string[] names =
        [
            "NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC", "INVOCATION_ID", "JOURNAL_STREAM", "PWD", "OLDPWD", "SHLVL",
        ];
        var before = names.Select(Environment.GetEnvironmentVariable).ToList();
        foreach (var name in names)
            Environment.SetEnvironmentVariable(name, "x");

        try
        {
            Assert.Empty((await JobAsync("--inherit-env", "--", "echo")).Tasks[0].Env.Keys.Intersect(names));
            Assert.Equal(
                "x", (await JobAsync("--inherit-env", "INVOCATION_ID", "--", "echo")).Tasks[0].Env["INVOCATION_ID"]);
        }
        finally
        {
            foreach (var (name, value) in names.Zip(before))
                Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Fact]
    public async Task Arguments_that_are_not_UTF_8_are_refused_where_they_cannot_pass()
    {
        var raw = RawText.FromBytes([.. "caf"u8, 0xe9]);

        Assert.Equal(
            raw, (await JobAsync("--env", "A=" + raw, "--cwd", "/" + raw, "--", "echo", raw)).Tasks[0].Env["A"]);
        Assert.Equal(ExitStatus.WrongUsage, await _artel.RunAsync("submit", "--dry-run", "--name", raw, "--", "echo"));
        Assert.Contains(
            "'caf\\xe9' is not UTF-8", Assert.Single(_artel.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Four_colons_read_files()
    {
        var lines = _artel.WriteFile("lines", "a b\nc\n");

        var job = await JobAsync("--", "echo", "::::", lines, ":::", "1");

        Assert.Equal(["""{"1":"a b","2":"1"}""", """{"1":"c","2":"1"}"""], Entries(job));
    }

    private async Task<JobSpec> JobAsync(params string[] args)
    {
        var status = await _artel.RunAsync(["submit", "--dry-run", .. args]);
        Assert.True(status == ExitStatus.Done, _artel.Error);
        var result = MapParser.Parse(_artel.Output, "dry", MapContext.Detached);
        Assert.Empty(result.Mistakes);
        return result.Job!;
    }

    private static IEnumerable<string> Entries(JobSpec job)
    {
        var place = JobSpecs.Layout(job).Templates[0];
        return Enumerable.Range(1, place.Count).Select(i => place.EntryOf(i)).OfType<TaskEntry>().Select(e => e.Shown);
    }
}

namespace Artel.EndToEnd.Tests;

/// <summary>Arrays, entries, scripts and the options of a submission, through the real programs on one cluster.</summary>
public class SubmitTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task The_variables_that_name_authorities_are_what_they_were_for_all_that_artel_starts()
    {
        const string print = "echo \"${SSL_CERT_DIR-unset} ${SSL_CERT_FILE-unset}\"";

        var without = await Cluster.ArtelAsync("run", "--private", "--", "sh", "-c", print);
        var with = await Cluster.TryArtelWithAsync("SSL_CERT_DIR", "/mine", "run", "--private", "--", "sh", "-c", print);
        var inherited = await Cluster.TryArtelWithAsync("SSL_CERT_FILE", "/mine.pem", "run", "--inherit-env", "SSL_CERT_FILE", "--", "sh", "-c", print);

        var (folder, file) = (Environment.GetEnvironmentVariable("SSL_CERT_DIR") ?? "unset", Environment.GetEnvironmentVariable("SSL_CERT_FILE") ?? "unset");
        Assert.Equal($"{folder} {file}\n", without.Output);
        Assert.Equal($"/mine {file}\n", with.Output);
        Assert.Equal($"{folder} /mine.pem\n", inherited.Output);
    }

    [Fact]
    public async Task Each_line_is_the_entry_of_a_task()
    {
        var lines = Cluster.Folder.Write("lines", "a b\n\n{index} $HOME\n");

        var output = await RunAsync("--each-line", lines, "--at-once", "2", "--", "sh", "-c", "echo \"$ARTEL_TASK_INDEX|$ARTEL_ENTRY|$0\"", "{entry}");

        Assert.Equal(["1|a b|a b", "2||", "3|{index} $HOME|{index} $HOME"], output);
    }

    [Fact]
    public async Task Elements_of_json_are_entries_and_their_members_are_marks()
    {
        var json = Cluster.Folder.Write("runs.json", """[{ "lr": 0.10, "in": { "f": "d/x.csv" } }, { "lr": 1, "in": { "f": "y" } }]""");

        var output = await RunAsync(
            "--from-json", json, "--env", "LR={entry.lr}", "--", "sh", "-c", "echo \"$LR $0 $ARTEL_ENTRY\"", "{entry.in.f:/.}");

        Assert.Equal(["0.10 x {\"lr\":0.10,\"in\":{\"f\":\"d/x.csv\"}}", "1 y {\"lr\":1,\"in\":{\"f\":\"y\"}}"], output);
    }

    [Fact]
    public async Task A_matrix_of_a_map_runs_every_combination_and_its_tasks_are_shown_with_their_own_words()
    {
        var map = Cluster.Folder.Write("matrix.yaml", """
            tasks:
              - run: [sh, -c, 'echo "$0 $1 $ARTEL_TASK_INDEX"', "{entry.lr}", "{entry.seed}"]
                matrix: { lr: [0.1, fast], seed: 3-4 }
                array: 10-40:10
            """);
        var job = await Cluster.SubmitAsync(map);
        await Cluster.ArtelAsync("wait", job);

        Assert.Equal("fast 3 30", (await Cluster.ArtelAsync("logs", job + ".3")).Output.Trim());
        Assert.Contains("fast 4", (await Cluster.ArtelAsync("show", job + ".4")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_words_of_gnu_parallel_run_every_combination()
    {
        Assert.Equal(["a/b.jpg b 1 1", "a/b.jpg b 2 2", "c d c d 1 3", "c d c d 2 4"], await RunAsync("--", "echo", "{1}", "{1/.}", "{2}", "{#}", ":::", "a/b.jpg", "c d", ":::", "1", "2"));
        Assert.Equal(["x", "y"], await RunAsync("--", "echo", ":::", "x", "y"));
    }

    [Fact]
    public async Task Entries_as_long_as_a_variable_may_be_arrive_whole()
    {
        var word = new string('x', 65_536 - 4);
        var lines = Cluster.Folder.Write("long", string.Concat(Enumerable.Range(1000, 40).Select(i => $"{i}{word}\n")));

        var output = await RunAsync("--each-line", lines, "--cpus", "0.01", "--", "sh", "-c", "echo ${#ARTEL_ENTRY} ${ARTEL_ENTRY%%x*}");

        Assert.Equal(Enumerable.Range(1000, 40).Select(i => FormattableString.Invariant($"65536 {i}")), output);
    }

    [Fact]
    public async Task A_list_that_is_too_long_for_a_job_is_refused_in_one_line()
    {
        var lines = Cluster.Folder["huge"];
        await File.WriteAllLinesAsync(lines, Enumerable.Repeat(new string('x', 1000), 33_000));

        var refused = await Cluster.TryArtelAsync("submit", "--each-line", lines, "--", "echo");

        Assert.Equal(2, refused.Status);
        Assert.Contains("is larger than 31MiB, the most that can be submitted at once: split it", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_runs_with_the_options_of_its_head_and_leaves_nothing()
    {
        // One at a time: each task counts what is in the folder, where another's script lies until it runs.
        var temporary = Directory.CreateDirectory(Cluster.Folder["tmp"]).FullName;
        var script = Cluster.Folder.Write("job.sh", """
            #!/bin/sh -e
            #SBATCH --array=1-2%1 --partition=long
            #ARTEL --env WORD=hello
            cat
            echo "$WORD $ARTEL_TASK_INDEX $1 $(ls "$TMPDIR" | wc -l)"
            exit 3
            """);

        var run = await Cluster.TryArtelAsync("run", script, "--env", $"TMPDIR={temporary}", "--", "a {index}");

        Assert.Equal(1, run.Status);
        Assert.Equal(["hello 1 a 1 0", "hello 2 a 2 0"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()).Order());
        Assert.Contains($"{script}:2: --partition=long means nothing to Artel", run.Errors, StringComparison.Ordinal);
        Assert.Contains("exit status 3", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    [Fact]
    public async Task A_script_that_outlives_its_time_is_ended_and_leaves_nothing()
    {
        var temporary = Directory.CreateDirectory(Cluster.Folder["tmp2"]).FullName;
        var script = Cluster.Folder.Write("long.sh", "#!/bin/sh\n#ARTEL --timeout 1s\nsleep 600\n");

        var run = await Cluster.TryArtelAsync("run", script, "--env", $"TMPDIR={temporary}");

        Assert.Equal(124, run.Status);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    [Fact]
    public async Task Variables_come_from_here_from_a_file_and_from_the_command_line()
    {
        var env = Cluster.Folder.Write("vars", "A=file\nB=file\n");

        Assert.Equal([$"file line {Environment.GetEnvironmentVariable("PATH")}"], await RunAsync(
            "--inherit-env", "PATH", "--env-file", env, "--env", "B=line", "--", "sh", "-c", "echo $A $B $PATH"));
    }

    [Fact]
    public async Task A_dry_run_submits_nothing_and_its_map_makes_the_same_job()
    {
        var before = await Cluster.SubmitAsync("--", "true");
        string[] options =
        [
            "--array", "1-3%2", "--after", "last", "--after-any", "last.1", "--tag", "t", "--limit", "t=2", "--prefer", "a=b", "--start-at", "+1h", "--deadline", "+2h",
            "--max-fails", "1", "--pin", "--resource", "lic=1", "--hold", "--retries", "1", "--timeout", "1m", "--stdin", Cluster.Folder.Write("in", "x\ny"), "--", "echo", "{index}",
        ];

        var map = (await Cluster.ArtelAsync(["submit", "--dry-run", .. options])).Output;
        var again = (await Cluster.ArtelAsync("submit", "--dry-run", Cluster.Folder.Write("dry.yaml", map))).Output;

        Assert.Equal(map, again);
        Assert.Contains($"after: [\"{before}\", {{ job: \"{before}.1\", outcome: any }}]", map, StringComparison.Ordinal);
        var jobs = await Cluster.JsonAsync("ls");
        Assert.DoesNotContain(jobs.GetProperty("jobs").EnumerateArray(), j => j.GetProperty("name").GetString() == "echo" && j.GetProperty("held").GetBoolean());
    }

    private async Task<IEnumerable<string>> RunAsync(params string[] options)
    {
        var run = await Cluster.TryArtelAsync(["run", .. options]);
        Assert.True(run.Status == 0, run.ToString());
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
    }
}

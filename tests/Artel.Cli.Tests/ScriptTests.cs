using System.Text;
using Artel.Cli.Submitting;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Cli.Tests;

/// <summary>Scripts with options in their heads, Artel's and Slurm's.</summary>
public sealed class ScriptTests : IDisposable
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly CommandLine _artel = new();

    public void Dispose() => _artel.Dispose();

    [Fact]
    public async Task The_head_says_options_and_the_command_line_says_them_last()
    {
        var job = await JobAsync("""
            #!/usr/bin/env -S bash -e
            #ARTEL --cpus 4 --array 1-10 --env A='x y'
            # words
            #SBATCH --cpus-per-task=2 --time=10

            #ARTEL --cpus 8  # the later line counts
            echo hello
            #ARTEL --cpus 99
            """, "--array", "1-3", "--env", "B=1", "--", "input", "{index}");

        var task = Assert.Single(job.Tasks);
        Assert.Equal("job.sh", job.Name);
        Assert.Equal("1-3", IndexSets.Format(task.Array));
        Assert.Equal(8000, task.Needs.MilliCpus);
        Assert.Equal(TimeSpan.FromMinutes(10), task.Timeout.ToTimeSpan());
        Assert.Equal(("x y", "1"), (task.Env["A"], task.Env["B"]));
        Assert.Equal(["/usr/bin/env", "-S bash -e", Path.Combine(_artel.Home, "job.sh"), "input", "{index}"], task.Run);
        Assert.Equal(task.Run[2], task.Script.Path);
        Assert.StartsWith("#!/usr/bin/env", task.Script.Content.ToStringUtf8(), StringComparison.Ordinal);
        Assert.False(task.HasStdin);
    }

    [Theory]
    [InlineData("a.py", "print(1)\n", "/usr/bin/env python3")]
    [InlineData("a.sh", "echo\n", "/bin/sh")]
    [InlineData("a", "#! /opt/x  y z \n", "/opt/x|y z")]
    public void The_interpreter_is_that_of_the_first_line_or_of_the_ending(string name, string text, string interpreter) =>
        Assert.Equal(interpreter.Split(interpreter.Contains('|', StringComparison.Ordinal) ? '|' : ' '), ScriptFile.Of(new SourceFile(name, Encoding.UTF8.GetBytes(text)))!.Interpreter);

    [Fact]
    public void What_is_no_script_is_read_as_a_map() =>
        Assert.Null(ScriptFile.Of(new SourceFile("map.yaml", "tasks: [[a]]\n"u8.ToArray())));

    [Fact]
    public void A_script_may_be_empty() => Assert.Empty(ScriptFile.Of(new SourceFile("empty.sh", []))!.Source.Bytes);

    [Theory]
    [InlineData("#!/bin/sh\n#ARTEL --name from-pipe\necho\n")]
    [InlineData("name: from-pipe\ntasks: [[echo]]\n")]
    public async Task A_script_or_a_map_may_be_a_pipe(string text)
    {
        var pipe = Path.Combine(_artel.Home, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        // Opening a pipe waits for its reader.
        var writing = Task.Run(() => File.WriteAllText(pipe, text), TestContext.Current.CancellationToken);
        Assert.Equal(0, await _artel.RunAsync("submit", "--dry-run", pipe));
        await writing;

        Assert.Contains("from-pipe", _artel.Output, StringComparison.Ordinal);
        Assert.Empty(_artel.Error);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_stay_what_they_are()
    {
        byte[] bytes = [.. "#!/bin/sh\nexit\n"u8, 0, 0xff, 0xfe];
        var file = Path.Combine(_artel.Home, "job.sh");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        Assert.Equal(bytes, (await ReadAsync(file)).Tasks[0].Script.Content.ToByteArray());
    }

    [Fact]
    public async Task The_place_of_a_script_is_no_template_and_its_standard_input_is_its_own()
    {
        var file = _artel.WriteFile("x{index}{1}.sh", "#!/bin/sh\n");
        var input = _artel.WriteFile("input", "hello");

        var task = (await ReadAsync(file, "--stdin", input, "--", "{}", ":::", "a", "b")).Tasks[0];

        Assert.Equal(["/bin/sh", Path.Combine(_artel.Home, "x{{index}}{1}.sh"), "{entry}"], task.Run);
        Assert.Equal("hello", task.Stdin.ToStringUtf8());
    }

    [Theory]
    [InlineData("#ARTEL --cpus many", ":2: --cpus: 'many' is no amount")]
    [InlineData("#ARTEL --wait", ":2: ")]
    [InlineData("#ARTEL --env 'A=1", ":2: a quote is not closed")]
    public async Task A_wrong_line_is_told_with_its_number(string line, string words)
    {
        var file = _artel.WriteFile("job.sh", $"#!/bin/sh\n{line}\n");

        Assert.Equal(ExitStatus.WrongUsage, await _artel.RunAsync("submit", "--dry-run", file));
        Assert.Contains(words, _artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_slurm_means_and_artel_does_not_is_told_a_line_each()
    {
        await JobAsync("#!/bin/sh\n#SBATCH -p long --mem=2G\n#SBATCH --mail-type=END\n#SBATCH -o out.txt\n");

        var lines = _artel.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains("job.sh:2: --partition=long means nothing to Artel: left out", lines[0], StringComparison.Ordinal);
        Assert.Contains("job.sh:3: --mail-type=END", lines[1], StringComparison.Ordinal);
        Assert.Contains("job.sh:4: --output=out.txt is left out", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-J sim", "--name sim")]
    [InlineData("--job-name=sim", "--name sim")]
    [InlineData("-a 1-10%4", "--array 1-10%4")]
    [InlineData("-c4 --mem-per-cpu=2G", "--cpus 4|--memory 8589934592")]
    [InlineData("--mem-per-cpu 512 -c 2", "--memory 1073741824|--cpus 2")]
    [InlineData("--mem=100", "--memory 104857600")]
    [InlineData("--mem=4GB", "--memory 4294967296")]
    [InlineData("-t 90", "--timeout 1h30m")]
    [InlineData("-t 1:30", "--timeout 1m30s")]
    [InlineData("-t 1:00:00", "--timeout 1h")]
    [InlineData("-t 2-12", "--timeout 2d12h")]
    [InlineData("-t 1-0:30", "--timeout 1d30m")]
    [InlineData("-t 1-00:00:05", "--timeout 1d5s")]
    [InlineData("--time=UNLIMITED", "")]
    [InlineData("-G 2", "--gpus 2")]
    [InlineData("--gres=gpu:3", "--gpus 3")]
    [InlineData("-D /data", "--cwd /data")]
    [InlineData("-d afterok:12:13,afterany:14_3", "--after 12|--after 13|--after-any 14.3")]
    [InlineData("--begin=now+2hours", "--start-at 2026-03-01T10:00:00Z")]
    [InlineData("--begin=16:00", "--start-at 2026-03-01T16:00:00Z")]
    [InlineData("--begin=07:00", "--start-at 2026-03-02T07:00:00Z")]
    [InlineData("--deadline=2026-03-05T08:30", "--deadline 2026-03-05T08:30:00Z")]
    [InlineData("-H", "--hold")]
    [InlineData("--nice=50", "--priority -50")]
    [InlineData("--priority=70", "--priority 70")]
    [InlineData("--export=ALL,A=1", "--inherit-env all|--env A=1")]
    [InlineData("--export=PATH,HOME", "--inherit-env PATH,HOME")]
    [InlineData("--export=NONE", "")]
    [InlineData("-C fast&disk=ssd", "--label fast=true|--label disk=ssd")]
    [InlineData("-w node7", "--node node7")]
    [InlineData("-L matlab,ansys:1", "--tag matlab|--tag ansys")]
    [InlineData("-n 1 --nodes=1", "")]
    public void Options_of_sbatch_that_mean_the_same_are_taken(string line, string expected)
    {
        var slurm = new SlurmOptions("job.sh", Clock, withHold: true);

        slurm.Take(1, ShellWords.Split(line)!);

        Assert.Equal(expected, string.Join('|', slurm.Lines.Select(words => string.Join(' ', words))));
        Assert.Empty(slurm.Warnings);
    }

    [Theory]
    [InlineData("-n 4", "--ntasks=4 means nothing")]
    [InlineData("-w n[1-3]", "--nodelist=n[1-3] means nothing")]
    [InlineData("-C a|b", "--constraint=a|b means nothing")]
    [InlineData("-d singleton", "'singleton', which means nothing")]
    [InlineData("-t soon", "--time=soon means nothing")]
    [InlineData("--begin=noon", "--begin=noon means nothing")]
    [InlineData("--gres=gpu:a100:2", "is taken without the kind of gpu")]
    [InlineData("--priority=100000", "is taken as priority 1000")]
    [InlineData("-L matlab:3", "is taken as one 'matlab' a task")]
    [InlineData("-Z", "-Z is not known")]
    public void The_others_are_told(string line, string words)
    {
        var slurm = new SlurmOptions("job.sh", Clock, withHold: true);

        slurm.Take(7, ShellWords.Split(line)!);

        var warning = Assert.Single(slurm.Warnings);
        Assert.StartsWith("job.sh:7: ", warning, StringComparison.Ordinal);
        Assert.Contains(words, warning, StringComparison.Ordinal);
    }

    private Task<JobSpec> JobAsync(string script, params string[] args) => ReadAsync(_artel.WriteFile("job.sh", script), args);

    private async Task<JobSpec> ReadAsync(string file, params string[] args)
    {
        var status = await _artel.RunAsync(["submit", "--dry-run", file, .. args]);
        Assert.True(status == ExitStatus.Done, _artel.Error);
        return MapParser.Parse(_artel.Output, "dry", MapContext.Detached).Job!;
    }
}

using System.Diagnostics;
using System.Globalization;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>What every way to start processes must do. Each implementation is a subclass.</summary>
public abstract class LauncherConformance : IDisposable
{
    private readonly IProcessLauncher _launcher;
    private protected readonly TemporaryFolder _folder = new();

    private protected LauncherConformance(IProcessLauncher launcher) => _launcher = launcher;

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        string[] words = ["", " ", "a b", "\"q\"", "'", "$HOME", "*", "\\", "строка", "漢字", "🦊", "-x", "new\nline"];

        var (exit, record) = await Run([TestProgram.Path, "echo", .. words]);

        Assert.Equal(0, exit.ExitStatus);
        Assert.Equal(string.Join("\n", words) + "\n", record.StdoutText);
    }

    [Fact]
    public async Task The_environment_is_the_one_given_and_no_other()
    {
        var (_, record) = await Run([TestProgram.Path, "environment"], new() { ["ИМЯ"] = "значение 🦊", ["EMPTY"] = "", ["DOTNET_TieredPGO"] = "0" });

        var lines = record.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        Assert.Equal(["DOTNET_TieredPGO=0", "EMPTY=", "ИМЯ=значение 🦊"], lines);
    }

    [Fact]
    public async Task What_is_inherited_is_there_unless_it_is_replaced_or_taken_away()
    {
        var inherited = new Dictionary<string, string> { ["ИМЯ"] = "значение 🦊", ["EMPTY"] = "", ["REPLACED"] = "old", ["TAKEN"] = "x", ["DOTNET_TieredPGO"] = "0" };
        var environment = new ProcessEnvironment(new InheritedEnvironment(inherited));
        environment["REPLACED"] = "new";
        environment["OWN"] = "1";
        environment["GONE"] = "2";
        environment.Remove("TAKEN");
        environment.Remove("GONE");
        var record = new ProcessRecord();

        await Finish(_launcher.Launch(new LaunchRequest([TestProgram.Path, "environment"], environment), record), record);

        var lines = record.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        Assert.Equal(["DOTNET_TieredPGO=0", "EMPTY=", "OWN=1", "REPLACED=new", "ИМЯ=значение 🦊"], lines);
        Assert.True(environment.TryGetValue("EMPTY", out _));
        Assert.False(environment.TryGetValue("TAKEN", out _));
    }

    [Fact]
    public async Task The_working_directory_is_the_one_given()
    {
        var folder = _folder.Folder("папка 漢字 🦊");

        var (_, record) = await Run([TestProgram.Path, "cwd"], cwd: folder);

        Assert.Equal(folder + "\n", record.StdoutText);
    }

    [Fact]
    public async Task Standard_input_is_at_its_end_where_none_is_given()
    {
        var (exit, record) = await Run([TestProgram.Path, "cat"]);

        Assert.Equal(0, exit.ExitStatus);
        Assert.Empty(record.Stdout);
    }

    [Fact]
    public async Task Standard_input_is_what_was_given_however_long()
    {
        var input = new byte[3_000_000];
        new Random(7).NextBytes(input);

        var (_, record) = await Run([TestProgram.Path, "cat"], stdin: input);

        Assert.Equal(input, record.Stdout);
    }

    [Fact]
    public async Task Standard_input_need_not_be_read()
    {
        var (exit, _) = await Run([TestProgram.Path, "exit", "4"], stdin: new byte[1_000_000]);

        Assert.Equal(4, exit.ExitStatus);
    }

    [Fact]
    public async Task Both_streams_are_kept_apart()
    {
        var (_, record) = await Run([TestProgram.Path, "both", "for out", "for err"]);

        Assert.Equal("for out\n", record.StdoutText);
        Assert.Equal("for err\n", record.StderrText);
    }

    [Fact]
    public async Task Output_is_bytes_and_comes_unchanged()
    {
        var (_, record) = await Run([TestProgram.Path, "bytes", "00FF80C3280AFE00"]);

        Assert.Equal(new byte[] { 0, 0xff, 0x80, 0xc3, 0x28, 0x0a, 0xfe, 0 }, record.Stdout);
    }

    [Fact]
    public async Task All_of_a_large_output_comes()
    {
        var record = new ProcessRecord { KeepsOutput = false };

        var exit = await Finish(Launch([TestProgram.Path, "flood", "50000000"], record), record);

        Assert.Equal(0, exit.ExitStatus);
        Assert.Equal(50_000_000, record.StdoutLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(113)]
    [InlineData(255)]
    public async Task The_exit_status_is_the_programs_own(int status)
    {
        var (exit, _) = await Run(["/bin/sh", "-c", $"exit {status}"]);

        Assert.Equal((status, 0), (exit.ExitStatus, exit.Signal));
    }

    [Fact]
    public async Task A_program_that_a_signal_ends_is_told_from_one_that_succeeds()
    {
        var (exit, _) = await Run(["/bin/sh", "-c", "kill -9 $$"]);

        // Process, of the portable path, tells signals only as a shell does.
        Assert.True(exit is { Signal: 9, ExitStatus: 0 } or { Signal: 0, ExitStatus: 137 }, exit.ToString());
    }

    [Fact]
    public async Task A_program_is_found_on_the_path_of_its_own_environment()
    {
        _folder.File("hello", "#!/bin/sh\necho found\n", executable: true);

        var (_, record) = await Run(["hello"], new() { ["PATH"] = $"/nowhere:{_folder.Path}" });

        Assert.Equal("found\n", record.StdoutText);
    }

    [Fact]
    public async Task A_relative_program_is_found_from_its_working_directory()
    {
        _folder.File("hello", "#!/bin/sh\necho found\n", executable: true);

        var (_, record) = await Run(["./hello"], cwd: _folder.Path);

        Assert.Equal("found\n", record.StdoutText);
    }

    [Fact]
    public void A_program_that_is_not_there_says_where_it_was_looked_for()
    {
        var result = Launch(["./simulate"], new ProcessRecord(), cwd: _folder.Path);

        AssertRefused(result, $"program './simulate' was not found in {_folder.Path}");
    }

    [Fact]
    public void A_program_that_is_not_on_the_path_says_so()
    {
        var result = Launch(["no-such-program"], new ProcessRecord(), new() { ["PATH"] = "/usr/bin:/bin" });

        AssertRefused(result, "program 'no-such-program' was not found on the PATH (/usr/bin:/bin)");
    }

    [Fact]
    public void A_file_that_is_not_executable_says_so()
    {
        var path = _folder.File("data.txt", "text");

        AssertRefused(Launch([path], new ProcessRecord()), $"program '{path}' is not executable");
    }

    [Fact]
    public void A_folder_is_no_program()
    {
        AssertRefused(Launch([_folder.Path], new ProcessRecord()), $"program '{_folder.Path}' is a folder");
    }

    [Fact]
    public void A_missing_interpreter_is_not_taken_for_a_missing_program()
    {
        var path = _folder.File("script", "#!/no/such/interpreter\n", executable: true);

        AssertRefused(Launch([path], new ProcessRecord()), $"program '{path}' is there, but the interpreter");
    }

    [Fact]
    public void A_missing_working_directory_says_so()
    {
        AssertRefused(Launch(["/bin/true"], new ProcessRecord(), cwd: "/no/such/папка"), "working directory '/no/such/папка' does not exist");
    }

    [Fact]
    public void An_argument_list_that_is_too_long_says_so()
    {
        var result = Launch(["/bin/true", new string('x', 5_000_000)], new ProcessRecord());

        AssertRefused(result, "the argument list is too long for this system: 5");
    }

    [Fact]
    public void An_argument_with_a_NUL_byte_is_refused()
    {
        AssertRefused(Launch(["/bin/true", "a\0b"], new ProcessRecord()), "argument 1 holds a NUL byte");
    }

    [Fact]
    public async Task A_polite_program_may_end_in_its_own_way()
    {
        var record = new ProcessRecord();
        var process = Launch([TestProgram.Path, "polite", "60"], record).Process!;
        await Eventually.Holds(() => record.StdoutText == "ready\n", "the program is ready", () => record.StdoutText);

        process.AskToEnd();

        var exit = await Eventually.Gives(record.Exit, "the process ends");
        Assert.Equal((3, 0), (exit.ExitStatus, exit.Signal));
        Assert.Equal("ready\ngoodbye\n", record.StdoutText);
    }

    [Fact]
    public async Task A_program_that_ignores_the_polite_signal_is_ended_by_the_kill()
    {
        var record = new ProcessRecord();
        var process = Launch([TestProgram.Path, "ignore-sigterm", "60"], record).Process!;
        await Eventually.Holds(() => record.StdoutText == "ready\n", "the program is ready", () => record.StdoutText);

        process.AskToEnd();
        Assert.False(record.Exit.IsCompleted);
        process.Kill();

        var exit = await Eventually.Gives(record.Exit, "the process ends");
        Assert.Equal((0, 9), (exit.ExitStatus, exit.Signal));
    }

    [Fact]
    public async Task The_kill_ends_a_tree_that_ignores_the_polite_signal()
    {
        var record = new ProcessRecord();
        const string stubborn = "trap '' TERM; (trap '' TERM; echo $$; while :; do sleep 0.05; done) & echo $!; wait";
        var process = Launch(["/bin/sh", "-c", stubborn], record).Process!;
        await Eventually.Holds(() => record.StdoutText.Count(c => c == '\n') == 2, "both have said who they are", () => record.StdoutText);
        var pids = record.StdoutText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray();

        process.AskToEnd();
        process.Kill();

        await Eventually.Gives(record.Exit, "the process ends");
        await Eventually.Holds(() => pids.All(IsGone), "no process of the tree is left", () => string.Join(' ', pids.Where(p => !IsGone(p))));
    }

    [Fact]
    public async Task The_rest_of_a_tree_has_its_grace_when_its_head_ends_first()
    {
        var record = new ProcessRecord();
        const string tree = "(trap 'sleep 0.3; echo saved; exit' TERM; echo ready; while :; do sleep 0.02; done) & wait";
        var process = Launch(["/bin/sh", "-c", tree], record).Process!;
        await Eventually.Holds(() => record.StdoutText == "ready\n", "the child is ready", () => record.StdoutText);

        process.AskToEnd();

        await Eventually.Gives(record.Exit, "the process ends");
        Assert.Equal("ready\nsaved\n", record.StdoutText);
    }

    [Fact]
    public async Task Someone_who_left_the_tree_and_holds_the_output_does_not_delay_the_end()
    {
        var watch = Stopwatch.StartNew();

        var (exit, record) = await Run(["/bin/sh", "-c", "setsid sh -c 'sleep 8' & echo done"]);

        Assert.Equal(0, exit.ExitStatus);
        Assert.Equal("done\n", record.StdoutText);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(6), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task Usage_tells_time_and_memory()
    {
        var (burnt, _) = await Run([TestProgram.Path, "burn", "600"]);
        var (grown, _) = await Run([TestProgram.Path, "allocate", "300", "0.6"]);

        // The portable way learns it by looking now and then, and the machine may be busy.
        Assert.InRange(burnt.User.TotalSeconds, 0.02, 5);
        Assert.InRange(burnt.Wall.TotalSeconds, 0.6, 20);
        // The kernel counts pages in batches, and what the peak may be off by is left out.
        Assert.InRange(grown.PeakMemoryBytes, 280L << 20, 450L << 20);
        Assert.InRange(burnt.PeakMemoryBytes, 1, 150L << 20);
    }

    [Fact]
    public async Task A_start_after_many_others_leaks_no_descriptor()
    {
        await Run(["/bin/true"]);
        var before = OpenDescriptors();
        for (var i = 0; i < 30; i++)
        {
            await Run(["/bin/true"], stdin: new byte[10]);
            Launch(["/no/such/program"], new ProcessRecord());
        }

        await Eventually.Holds(() => OpenDescriptors() <= before + 5, "descriptors are closed", () => $"{OpenDescriptors()}, before {before}");
    }

    [Fact]
    public async Task Programs_started_together_do_not_hold_each_others_output()
    {
        var records = Enumerable.Range(0, 40).Select(_ => new ProcessRecord()).ToArray();

        await Parallel.ForAsync(0, 40, (i, _) =>
        {
            Assert.NotNull(Launch(["/bin/sh", "-c", $"echo {i}"], records[i]).Process);
            return ValueTask.CompletedTask;
        });

        for (var i = 0; i < 40; i++)
        {
            await Eventually.Gives(records[i].Exit, "the process ends");
            Assert.Equal($"{i}\n", records[i].StdoutText);
        }
    }

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<(ProcessExit Exit, ProcessRecord Record)> Run(
        string[] arguments, Dictionary<string, string>? environment = null, string cwd = "", byte[]? stdin = null)
    {
        var record = new ProcessRecord();
        return (await Finish(Launch(arguments, record, environment, cwd, stdin), record), record);
    }

    private protected LaunchResult Launch(
        string[] arguments, ProcessRecord record, Dictionary<string, string>? environment = null, string cwd = "", byte[]? stdin = null,
        IReadOnlyList<int>? cpus = null, long? memoryLimit = null) =>
        _launcher.Launch(new LaunchRequest(arguments, new ProcessEnvironment(environment ?? Inherited), cwd, stdin, cpus, memoryLimit), record);

    private protected static bool IsGone(int pid)
    {
        var status = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/status";
        return !File.Exists(status) || File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
    }

    private protected static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Inherited { get; } =
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string)e.Value!);

    private static async Task<ProcessExit> Finish(LaunchResult result, ProcessRecord record)
    {
        Assert.Null(result.Error);
        return await Eventually.Gives(record.Exit, "the process ends");
    }

    private static void AssertRefused(LaunchResult result, string message)
    {
        Assert.Null(result.Process);
        Assert.StartsWith(message, result.Error, StringComparison.Ordinal);
    }

    private static int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}

using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>A node that root has started runs tasks as other accounts, which get at nothing of the cluster.</summary>
[SupportedOSPlatform("linux")]
public sealed class RunAsTests
{
    private const int WrongUsage = 2;

    [Fact]
    public async Task A_task_runs_as_the_account_in_all_respects()
    {
        OtherAccount.Require();
        using var scratch = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", scratch["s"]);

        var job = await cluster.SubmitAsync(
            "--cwd", "/", "--stdin", cluster.Folder.Write("input", "from a file of root's\n"), "--wait", "--", "sh", "-c",
            "read line; id -u; id -G; umask; ulimit -Sn; echo $HOME $USER $LOGNAME; pwd; grep -E 'Cap(Inh|Prm|Eff)' /proc/self/status | cut -f2; "
            + "ls /proc/self/fd | wc -l; echo $line; echo to the stream by name > /dev/stderr");
        var lines = (await cluster.ArtelAsync("logs", job)).Output.Split('\n');
        var uid = OtherAccount.IdOf(OtherAccount.Name);
        var home = OtherAccount.HomeOf(OtherAccount.Name);

        Assert.Equal(uid, lines[0]);
        Assert.DoesNotContain("0", lines[1].Split(' '));
        Assert.Equal("0022", lines[2]);
        Assert.InRange(int.Parse(lines[3], CultureInfo.InvariantCulture), 1, 1024);
        Assert.Equal($"{home} {OtherAccount.Name} {OtherAccount.Name}", lines[4]);
        Assert.Equal("/", lines[5]);
        Assert.All(lines[6..9], l => Assert.Equal("0000000000000000", l));

        // Three streams, and the one that ls reads the folder by.
        Assert.Equal("4", lines[9].Trim());
        Assert.Equal("from a file of root's", lines[10]);
        Assert.Equal("to the stream by name\n", (await cluster.ArtelAsync("logs", "--stderr", job)).Errors);
        Assert.Equal(OtherAccount.Name, (await cluster.JsonAsync("node", "show", "1")).GetProperty("run_as").GetString());
        Assert.Contains(OtherAccount.Name, (await cluster.ArtelAsync("node", "ls")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_reaches_nothing_of_the_agent_the_guardian_the_server_and_the_admin()
    {
        OtherAccount.Require();
        using var scratch = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", scratch["s"]);
        var output = await cluster.SubmitAsync("--wait", "--cwd", "/", "--", "sh", "-c", "seq 1 100000");
        var data = cluster.DataOf("1");
        var journal = Directory.GetFiles(Path.Combine(data, "spool"), "journal", SearchOption.AllDirectories).Single();
        string[] secrets =
        [
            Path.Combine(data, "credential"), journal, Path.Combine(Path.GetDirectoryName(journal)!, "output"), Path.Combine(cluster.Home, "access"),
            Path.Combine(cluster.Data, "artel.db"), Path.Combine(cluster.Data, "outputs"), data, cluster.Home, cluster.Data, Directory.GetDirectories(scratch["s"]).Single(),
        ];
        Assert.All(secrets, s => Assert.True(Path.Exists(s), s));
        int[] processes = [cluster.AgentOf("1"), cluster.Node("1").Id, cluster.Server.Id];
        var tries = secrets.Select(s => $"(cat '{s}' || ls '{s}') 2>/dev/null && echo 'read {s}'")
            .Concat(processes.SelectMany(p => new[]
            {
                $"cat /proc/{p}/environ 2>/dev/null && echo 'environment of {p}'",
                $"ls /proc/{p}/fd 2>/dev/null && echo 'descriptors of {p}'",
                $"head -c 1 /proc/{p}/mem 2>/dev/null && echo 'memory of {p}'",
                $"cat /proc/{p}/maps 2>/dev/null | grep . && echo 'maps of {p}'",
                $"kill -0 {p} 2>/dev/null && echo 'signal to {p}'",
                $"for t in /proc/{p}/task/*; do kill -0 ${{t##*/}} 2>/dev/null && echo 'signal to thread of {p}'; done",
            }));

        var spy = await cluster.SubmitAsync("--wait", "--cwd", "/", "--", "sh", "-c", string.Join('\n', tries) + "\necho done");
        var admin = await cluster.TryArtelAsync("submit", "--wait", "--cwd", "/", "--", Binaries.Artel, "token", "create", "--role", "admin");

        Assert.Equal("done\n", (await cluster.ArtelAsync("logs", spy)).Output);
        Assert.NotEqual(0, admin.Status);
        Assert.DoesNotContain("artel1", (await cluster.TryArtelAsync("logs", admin.Output.Trim())).Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, (await cluster.JsonAsync("token", "ls")).GetProperty("tokens").EnumerateArray().Count(t => t.GetProperty("role").GetString() == "admin"));
        Assert.Equal(588_895, (await cluster.ArtelAsync("logs", output)).OutputBytes.Length);
    }

    [Fact]
    public async Task The_nodes_own_file_says_who_each_user_is()
    {
        OtherAccount.Require();
        using var folder = new OpenFolder();
        await File.WriteAllTextAsync(folder["accounts"], $"# who is who\nalice = {OtherAccount.Name}\nbob = {OtherAccount.Second}\n");
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        var alice = (await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "alice")).Output.Trim();
        var bob = (await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "bob")).Output.Trim();
        await cluster.StartNodeAsync("1", "--run-as", "submitter", "--accounts", folder["accounts"], "--scratch", folder["s"]);

        var hers = await cluster.TryArtelWithAsync("ARTEL_TOKEN", alice, "run", "--cwd", "/", "--", "id", "-un");
        var his = await cluster.TryArtelWithAsync("ARTEL_TOKEN", bob, "run", "--cwd", "/", "--", "id", "-un");
        var roots = await cluster.TryArtelAsync("run", "--cwd", "/", "--", "id", "-un");

        Assert.Equal((OtherAccount.Name + "\n", 0), (hers.Output, hers.Status));
        Assert.Equal((OtherAccount.Second + "\n", 0), (his.Output, his.Status));
        Assert.NotEqual(0, roots.Status);
        Assert.Empty(roots.Output);
        Assert.Contains($"could not be started: user '{Environment.UserName}' has no account on this node", roots.Errors, StringComparison.Ordinal);
        Assert.Equal("submitter", (await cluster.JsonAsync("node", "show", "1")).GetProperty("run_as").GetString());

        // A change counts at once; one that others could have made counts as none.
        await File.AppendAllTextAsync(folder["accounts"], $"{Environment.UserName} = root\n");
        Assert.Equal("root\n", (await cluster.ArtelAsync("run", "--cwd", "/", "--", "id", "-un")).Output);
        File.SetUnixFileMode(folder["accounts"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        var distrusted = await cluster.TryArtelAsync("run", "--cwd", "/", "--", "id", "-un");
        Assert.Contains("must not be writable by others", distrusted.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--run-as: there is no account 'no-such-account'", "--run-as", "no-such-account")]
    [InlineData("--run-as: tasks that run as 'root' could do everything", "--run-as", "root")]
    [InlineData("--run-as submitter needs --accounts FILE", "--run-as", "submitter")]
    [InlineData("--accounts is for '--run-as submitter'", "--accounts", "FILE")]
    [InlineData("give one account for all tasks", "--run-as", "nobody", "--accounts", "FILE")]
    [InlineData("expected USER = ACCOUNT, found 'alice'", "--run-as", "submitter", "--accounts", "FILE", "alice\n")]
    [InlineData("user 'a' is listed twice", "--run-as", "submitter", "--accounts", "FILE", "a = nobody\na = daemon\n")]
    [InlineData("user 'a': there is no account 'ghost'", "--run-as", "submitter", "--accounts", "FILE", "a = ghost\n")]
    [InlineData("/no/such/file cannot be found", "--run-as", "submitter", "--accounts", "/no/such/file")]
    [InlineData("must belong to root", "--run-as", "submitter", "--accounts", "FILE", "a = nobody\n", "not root's")]
    public async Task What_cannot_be_is_refused_before_anything_is_started(string message, params string[] options)
    {
        OtherAccount.Require();
        using var folder = new TestFolder();
        var text = options.Length > 4 ? options[4] : "";
        var file = folder.Write("accounts", text);
        if (options.Length > 5)
            Assert.Null(SystemRights.Try("chown", OtherAccount.Name, file));

        string[] given = [.. options.Take(4).Select(o => o == "FILE" ? file : o)];
        await using var node = RunningProgram.Start(
            Binaries.Artel, ["node", "start", "--id", "1", "--data", folder["node"], .. given], folder.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        var refused = await node.EndAsync();

        Assert.Equal(WrongUsage, refused.Status);
        Assert.Contains(message, refused.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["node"]));
    }

    [Fact]
    public async Task What_a_task_names_is_looked_up_as_its_account()
    {
        OtherAccount.Require();
        using var closed = new TestFolder();
        using var scratch = new OpenFolder();
        var program = closed.Write("program", "#!/bin/sh\necho ran\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", scratch["s"]);

        await FailsAsync($"account '{OtherAccount.Name}' may not enter working directory '{closed.Path}'", "--cwd", closed.Path, "--", "pwd");
        await FailsAsync("does not exist on this node", "--cwd", "/no/such/folder", "--", "pwd");
        await FailsAsync("program '" + program, "--cwd", "/", "--", program);
        await FailsAsync("was not found on the PATH", "--cwd", "/", "--env", $"PATH={closed.Path}", "--", "program");
        await FailsAsync("was not found on the PATH", "--cwd", "/", "--", "no-such-program");

        async Task FailsAsync(string why, params string[] options)
        {
            var failed = await cluster.TryArtelAsync(["submit", "--wait", .. options]);
            Assert.NotEqual(0, failed.Status);
            var message = (await cluster.LastAttemptAsync(failed.Output.Trim() + ".1")).ToString();
            Assert.Contains("not_started", message, StringComparison.Ordinal);
            Assert.Contains(why, System.Text.RegularExpressions.Regex.Unescape(message), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_library_that_a_task_wants_preloaded_is_loaded_by_the_task_alone()
    {
        OtherAccount.Require();
        using var folder = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", folder["s"]);

        // The dynamic linker says on standard error who could not load it: the task, and no one before it.
        var job = await cluster.SubmitAsync("--wait", "--cwd", "/", "--env", "LD_PRELOAD=/no/such/library.so", "--env", "DOTNET_STARTUP_HOOKS=/no/such/hook.dll", "--", "true");

        var said = (await cluster.ArtelAsync("logs", "--stderr", job)).Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(said);
        Assert.Contains("library.so", said[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scratch_folders_are_the_accounts_and_are_gone_afterwards_whatever_is_in_them()
    {
        OtherAccount.Require();
        using var folder = new OpenFolder();
        using var precious = new OpenFolder();
        await File.WriteAllTextAsync(precious["file"], "precious");

        // What is in the chosen folder beside the node's own is no business of the node.
        Directory.CreateDirectory(folder["s/others/1.1"]);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", folder["s"]);

        var job = await cluster.SubmitAsync(
            "--wait", "--cwd", "scratch", "--", "sh", "-c",
            $"stat -c '%U %a' .; mkdir -p deep/er ro; touch ro/x deep/er/y; chmod 555 ro; ln -s {precious.Path} link; chmod 000 deep; ls .. 2>/dev/null; pwd");

        Assert.StartsWith($"{OtherAccount.Name} 700\n{folder["s"]}/", (await cluster.ArtelAsync("logs", job)).Output, StringComparison.Ordinal);
        await Polling.UntilAsync(() => Task.FromResult(Directory.GetDirectories(folder["s"], "artel-*").Any(d => Directory.EnumerateFileSystemEntries(d).Any())), any => !any, "scratch folders are gone");
        Assert.Equal("precious", await File.ReadAllTextAsync(precious["file"]));
        Assert.True(Directory.Exists(folder["s/others/1.1"]));
    }

    [Fact]
    public async Task What_a_task_of_another_account_leaves_behind_is_ended_like_any_other()
    {
        OtherAccount.Require();
        using var folder = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", folder["s"]);

        await cluster.SubmitAsync("--wait", "--cwd", "/", "--", "sh", "-c", $"setsid sh -c 'sleep 987; : {folder.Path}' >/dev/null 2>&1 & sleep 0.2");
        await Processes.AreGoneAsync($": {folder.Path}");
        var timed = await cluster.TryArtelAsync("submit", "--wait", "--cwd", "/", "--timeout", "1s", "--", "sh", "-c", $"sleep 988; : {folder.Path}");

        Assert.NotEqual(0, timed.Status);
        await Processes.AreGoneAsync($": {folder.Path}");
        cluster.Node("1").Signal("KILL");
        await cluster.Node("1").EndAsync();
    }

    [Fact]
    public async Task A_cluster_of_one_command_runs_tasks_as_other_accounts_too()
    {
        OtherAccount.Require();
        using var folder = new OpenFolder();
        await File.WriteAllTextAsync(folder["accounts"], $"{Environment.UserName} = {OtherAccount.Name}\n");
        Directory.CreateDirectory(folder["home"]);
        var settings = new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"], ["MY_SECRET"] = "s3cret", ["NOTIFY_SOCKET"] = "/run/x" };
        await using var up = RunningProgram.Start(
            Binaries.Artel,
            ["up", "--listen", "127.0.0.1:0", "--dashboard", "none", "--run-as", "submitter", "--accounts", folder["accounts"], "--scratch", folder["s"], "--json"],
            folder.Path, settings);
        await up.UntilAsync(p => p.HasEnded || p.Output.Contains('\n', StringComparison.Ordinal), "the cluster is up");
        await using var run = RunningProgram.Start(Binaries.Artel, ["run", "--cwd", "/", "--", "sh", "-c", "id -un; env"], folder.Path, settings);
        var ended = await run.EndAsync();

        Assert.StartsWith(OtherAccount.Name + "\n", ended.Output, StringComparison.Ordinal);
        foreach (var hidden in new[] { "s3cret", "NOTIFY_SOCKET", "ARTEL_HOME", "ARTEL_GUARDIAN" })
            Assert.DoesNotContain(hidden, ended.Output, StringComparison.Ordinal);

        Assert.Contains("ARTEL_TASK_ID=", ended.Output, StringComparison.Ordinal);
        up.Signal("INT");
        await up.EndAsync();
    }

    [Fact]
    public async Task Whoever_lets_a_second_person_in_is_warned_as_long_as_tasks_run_as_the_agent()
    {
        const string Warning = "2 people have tokens; on node 1 all their tasks run as the account of the node agent";
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);

        var own = await cluster.ArtelAsync("token", "create", "--role", "user", "--name", Environment.UserName);
        Assert.DoesNotContain("people have tokens", own.Errors, StringComparison.Ordinal);
        var second = await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "alice");
        Assert.Contains(Warning, second.Errors, StringComparison.Ordinal);
        Assert.Single(second.Output.Trim().Split('\n'));
        var doctor = (await cluster.TryArtelAsync("doctor")).Output;
        Assert.Contains($"warn  {Warning}", doctor.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("may read the admin's token in", doctor.ReplaceLineEndings(" "), StringComparison.Ordinal);

        // The agent learns of it when it connects next.
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        await cluster.Node("1").UntilAsync(
            n => n.Errors.Contains($"can read the admin's token in {Path.Combine(cluster.Home, "access")}", StringComparison.Ordinal), "the agent warns", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Nobody_is_warned_where_tasks_run_as_other_accounts()
    {
        OtherAccount.Require();
        using var scratch = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", scratch["s"]);

        var second = await cluster.ArtelAsync("token", "create", "--role", "user", "--name", "alice");

        Assert.DoesNotContain("people have tokens", second.Errors, StringComparison.Ordinal);
        Assert.Contains("ok    2 people have tokens", (await cluster.TryArtelAsync("doctor")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("can read the admin's token", cluster.Node("1").Errors, StringComparison.Ordinal);
    }
}

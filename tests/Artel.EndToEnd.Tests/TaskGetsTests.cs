using System.Text;

namespace Artel.EndToEnd.Tests;

/// <summary>A task gets what was asked, byte for byte: arguments, variables, the working directory.</summary>
public class TaskGetsTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    // No byte of it is changed on the way.
    private static readonly Encoding Bytes = Encoding.Latin1;

    private TestCluster Cluster => shared.Cluster;

    [Theory]
    [InlineData("")]
    [InlineData("--private")]
    public async Task Bytes_that_are_not_UTF_8_arrive_as_they_are(string where)
    {
        var ended = await ShellAsync($$$"""
            dir=$(printf 'caf\351'); mkdir -p "$dir" && cd "$dir" && printf 'l\351\n' > lines && printf '#!/bin/sh\necho "$0|$1"\n' > s.sh
            export IN=$(printf 'i\351')
            "$ARTEL" run {{{where}}} --inherit-env IN --env "A=$(printf 'a\351')" -- sh -c 'printf "%s|%s|%s|%s\n" "$0" "$A" "$IN" "${PWD##*/}"; basename "$(pwd -P)"' "$(printf 'x\351')"
            "$ARTEL" run {{{where}}} -- echo {} ::: "$(printf 'v\351')" :::: lines
            "$ARTEL" run {{{where}}} --each-line lines -- echo {entry}
            "$ARTEL" run {{{where}}} s.sh -- "$(printf 'x\351')"
            cd .. && rm -rf "$dir"
            """);

        var lines = Bytes.GetString(ended.OutputBytes).TrimEnd().Split('\n');
        Assert.True(lines.Length == 5, ended.ToString());
        Assert.Equal(["x\u00e9|a\u00e9|i\u00e9|caf\u00e9", "caf\u00e9", "v\u00e9 l\u00e9", "l\u00e9"], lines[..4]);
        Assert.EndsWith("caf\u00e9/s.sh|x\u00e9", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_run_inherits_bytes_that_are_not_UTF_8()
    {
        var ended = await ShellAsync("""MINE=$(printf 'i\351') "$ARTEL" run --private -- sh -c 'echo "$MINE"'""");

        Assert.Equal("i\u00e9\n", Bytes.GetString(ended.OutputBytes));
    }

    [Fact]
    public async Task An_argument_that_is_not_UTF_8_where_that_cannot_be_is_refused_in_one_line()
    {
        var ended = await ShellAsync(""" "$ARTEL" submit --name "$(printf 'n\351')" -- true; echo $?""");

        Assert.Equal("2\n", ended.Output);
        Assert.Contains(
            @"'n\xe9' is not UTF-8", Assert.Single(ended.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_braces_of_a_shell_and_of_what_is_inherited_are_left_alone()
    {
        var ended = await ShellAsync("""
            mkdir -p 'x{index}' && cd 'x{index}'
            f() { echo {index}; }; export -f f
            "$ARTEL" run --inherit-env --array 3 -- bash -c 'index=1; echo ${index} {{index}} {index} ${PWD##*/}; f'
            """);

        Assert.Equal("1 {index} 3 x{index}\n{index}\n", ended.Output);
    }

    [Fact]
    public async Task PWD_is_the_folder_of_the_task_and_nothing_of_one_process_is_inherited()
    {
        var ended = await ShellAsync("""
            export OLDPWD=/x NOTIFY_SOCKET=/x LISTEN_FDS=1 LISTEN_PID=1 WATCHDOG_USEC=1 INVOCATION_ID=1 JOURNAL_STREAM=1
            "$ARTEL" run --private --inherit-env --cwd scratch -- python3 -c 'import os
            print(os.environ["PWD"] == os.getcwd())
            print(*[v for v in os.environ if v in "OLDPWD NOTIFY_SOCKET LISTEN_FDS LISTEN_PID WATCHDOG_USEC INVOCATION_ID JOURNAL_STREAM".split()])'
            "$ARTEL" run --private --cwd / -- sh -c 'echo $PWD'
            """);

        Assert.True(ended.Output == "True\n\n/\n", ended.ToString());
    }

    [Fact]
    public async Task A_TMPDIR_that_does_not_exist_is_mentioned_once_and_another_is_used()
    {
        var ended = await ShellAsync("""
            TMPDIR=/no/such "$ARTEL" run --private -- sh -c 'echo $TMPDIR; f=$(mktemp) && rm "$f"'
            "$ARTEL" run --private --env TMPDIR=/no/such -- sh -c 'echo $TMPDIR'
            """);

        Assert.Equal("/tmp\n/tmp\n", ended.Output);
        var mention = Assert.Single(ended.Errors.Split('\n'), l => l.Contains("TMPDIR", StringComparison.Ordinal));
        Assert.Equal("artel: TMPDIR is '/no/such', which does not exist: /tmp is used instead", mention);
    }

    private async Task<Ended> ShellAsync(string line)
    {
        await using var shell = RunningProgram.Start(
            "bash",
            ["-c", line],
            Cluster.Folder.Path,
            new Dictionary<string, string?> { ["ARTEL"] = Binaries.Artel, ["ARTEL_HOME"] = Cluster.Home });
        return await shell.EndAsync(TimeSpan.FromSeconds(120));
    }
}

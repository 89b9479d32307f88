using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// The temporary folder is everybody's: nobody can make a private run of somebody else, root above all, remove what is
/// not its own.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class TemporaryFolderTests
{
    private const UnixFileMode LikeTmp = (UnixFileMode)0b1_111_111_111;

    [Fact]
    public async Task A_run_of_root_is_not_led_to_a_folder_of_roots_by_another_account()
    {
        OtherAccount.Require();
        using var temp = new OpenFolder(LikeTmp);
        using var victim = new OpenFolder();
        await File.WriteAllTextAsync(victim["lock"], "");
        await File.WriteAllTextAsync(victim["precious"], "");
        File.SetLastWriteTimeUtc(victim["lock"], DateTime.UnixEpoch);

        // Names that root's run would use, now and before, taken by the account, which goes on to swap folders for
        // links.
        var taken = temp[$"artel-{OtherAccount.IdOf("root")}"];
        await using var attack = OtherAccount.Start(OtherAccount.Name, $"""
            mkdir {taken}; ln -s {victim.Path} {taken}/run-1; ln -s {victim.Path} {temp["artel-run-1"]}
            touch {temp["begun"]}
            while :; do
              rm -rf {taken}/run-2 {temp["artel-run-2"]}; mkdir {taken}/run-2 {temp["artel-run-2"]}
              touch -d 2001-01-01 {taken}/run-2/lock {temp["artel-run-2/lock"]}
              rm -rf {taken}/run-2 {temp["artel-run-2"]}; ln -s {victim.Path} {taken}/run-2; ln -s {victim.Path} {temp["artel-run-2"]}
            done
            """);
        await attack.UntilAsync(_ => File.Exists(temp["begun"]), "the attack has begun");

        for (var i = 0; i < 3; i++)
        {
            await using var run = RunningProgram.Start(
                Binaries.Artel, ["run", "--private", "--", "true"], temp.Path,
                new Dictionary<string, string?> { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp.Path });
            var ended = await run.EndAsync();
            Assert.True(ended.Status == 0, ended.ToString());
        }

        Assert.Equal(["lock", "precious"], Directory.GetFiles(victim.Path).Select(Path.GetFileName).Order());
        Assert.False(attack.HasEnded, attack.Errors);
    }

    [Fact]
    public async Task What_a_killed_run_has_left_is_removed_by_the_next_one_of_the_same_user()
    {
        using var temp = new TestFolder();
        var settings = new Dictionary<string, string?> { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp.Path };
        await using var killed = RunningProgram.Start(Binaries.Artel, ["run", "--private", "--", "sleep", "100"], temp.Path, settings);
        await killed.UntilAsync(_ => Runs().Length == 1 && File.Exists(Path.Combine(Runs()[0], "node-local", "lock")), "it runs");
        var left = Runs()[0];
        killed.Signal("KILL");
        await killed.EndAsync();
        await Processes.AreGoneAsync(temp.Path);
        File.SetLastWriteTimeUtc(Path.Combine(left, "lock"), DateTime.UnixEpoch);

        await using var next = RunningProgram.Start(Binaries.Artel, ["run", "--private", "--", "true"], temp.Path, settings);
        Assert.Equal(0, (await next.EndAsync()).Status);

        Assert.False(Directory.Exists(left));
        Assert.Empty(Directory.GetDirectories(temp.Path, "artel-*"));

        string[] Runs() => [.. Directory.GetDirectories(temp.Path, "artel-*").SelectMany(d => Directory.GetDirectories(d, "run-*"))];
    }
}

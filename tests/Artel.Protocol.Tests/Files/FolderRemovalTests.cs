using System.Runtime.Versioning;
using Artel.Protocol.Files;
using Artel.Testing;

namespace Artel.Protocol.Tests.Files;

/// <summary>
/// A folder goes with all that is in it, and nothing else goes with it, whoever changes it meanwhile.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class FolderRemovalTests
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    [Fact]
    public void A_folder_goes_with_files_folders_and_links_and_what_links_lead_to_stays()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["kept"]);
        folder.Write("kept/file", "");
        Directory.CreateDirectory(folder["gone/a/b"]);
        folder.Write("gone/a/b/file", "");
        Directory.CreateSymbolicLink(folder["gone/a/link"], folder["kept"]);
        File.CreateSymbolicLink(folder["gone/nowhere"], "/no/such/file");

        Assert.Null(FolderRemoval.Remove(folder["gone"]));

        Assert.False(Directory.Exists(folder["gone"]));
        Assert.True(File.Exists(folder["kept/file"]));
    }

    [Fact]
    public void Nothing_there_is_fine_and_a_link_in_its_place_is_not_followed()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["kept"]);
        folder.Write("kept/file", "");
        Directory.CreateSymbolicLink(folder["link"], folder["kept"]);

        Assert.Null(FolderRemoval.Remove(folder["nothing"]));
        Assert.NotNull(FolderRemoval.Remove(folder["link"]));

        Assert.True(File.Exists(folder["kept/file"]));
    }

    [Fact]
    public void Depth_costs_neither_stack_nor_descriptors()
    {
        const int depth = 20_000;
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["gone"]);

        // A path of that length is none: it is made from the inside out.
        for (var i = 0; i < depth; i++)
        {
            Directory.CreateDirectory(folder["next"]);
            Directory.Move(folder["gone"], folder["next/d"]);
            Directory.Move(folder["next"], folder["gone"]);
        }

        Assert.Null(FolderRemoval.Remove(folder["gone"]));

        Assert.False(Directory.Exists(folder["gone"]));
    }

    [Fact]
    public void Folders_without_permission_to_write_or_to_enter_go_too()
    {
        SystemRights.Require(OperatingSystem.IsLinux() ? null : "it removes by paths", "permissions are those of the system");
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["gone/module/inner"]);
        folder.Write("gone/module/inner/file", "");
        File.SetUnixFileMode(folder["gone/module/inner"], UnixFileMode.None);
        File.SetUnixFileMode(folder["gone/module"], ReadOnly);

        Assert.Null(FolderRemoval.Remove(folder["gone"]));

        Assert.False(Directory.Exists(folder["gone"]));
    }

    [Fact]
    public void Folders_of_another_account_without_permissions_go_too_with_the_rights_of_that_account()
    {
        OtherAccount.Require();
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["gone/module/inner"]);
        folder.Write("gone/module/inner/file", "");
        File.SetUnixFileMode(folder["gone/module/inner"], UnixFileMode.None);
        File.SetUnixFileMode(folder["gone/module"], ReadOnly);
        Assert.Null(SystemRights.Try("chown", "-R", OtherAccount.Name, folder["gone"]));

        Assert.Null(FolderRemoval.Remove(folder["gone"]));

        Assert.False(Directory.Exists(folder["gone"]));
    }

    [Fact]
    public void What_the_owner_of_a_folder_could_not_remove_stays_though_root_removes_it()
    {
        OtherAccount.Require();
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["gone/roots"]);
        folder.Write("gone/roots/precious", "");
        folder.Write("gone/own", "");
        Assert.Null(SystemRights.Try("chown", OtherAccount.Name, folder["gone"], folder["gone/own"]));

        Assert.NotNull(FolderRemoval.Remove(folder["gone"]));

        Assert.False(File.Exists(folder["gone/own"]));
        Assert.True(File.Exists(Directory.GetFiles(folder["gone"], "precious", SearchOption.AllDirectories).Single()));
    }

    [Fact]
    public async Task An_account_that_swaps_folders_for_links_all_the_time_cannot_lead_it_elsewhere()
    {
        OtherAccount.Require();
        using var top = new OpenFolder();
        using var victim = new OpenFolder();
        await File.WriteAllTextAsync(victim["precious"], "");
        Directory.CreateDirectory(victim["closed"]);
        await File.WriteAllTextAsync(victim["closed/precious"], "");
        await using var attack = OtherAccount.Start(OtherAccount.Name, $"""
            while :; do
              cd {top["theirs"]} 2>/dev/null || continue
              for n in 1 2 3; do
                mkdir -p $n/a/b $n/c; ln -s {victim.Path} $n/c/link
                mv $n/a $n/x; ln -s {victim.Path} $n/a; ln -sfn {victim.Path} $n/b; rm -rf $n/x; mv $n away; ln -s {victim.Path} $n; rm -f $n; mv away $n
              done
              echo round
            done 2>/dev/null
            """);
        for (var i = 0; i < 50; i++)
        {
            Directory.CreateDirectory(top["theirs"]);
            Assert.Null(SystemRights.Try("chown", OtherAccount.Name, top["theirs"]));
            var rounds = attack.OutputBytes.Length;
            await attack.UntilAsync(a => a.HasEnded || a.OutputBytes.Length > rounds, "the attack goes on");

            // It may lose the race against somebody who goes on filling it, but never what is elsewhere.
            FolderRemoval.Remove(top["theirs"]);
        }

        Assert.False(attack.HasEnded, attack.Errors);
        Assert.True(File.Exists(victim["precious"]));
        Assert.True(File.Exists(victim["closed/precious"]));
    }
}

namespace Artel.EndToEnd.Tests;

/// <summary>On machines that lack what most have a command works nevertheless, or its first line says what is missing.</summary>
public class BareMachineTests
{
    [Fact]
    public async Task Without_a_home_and_an_entry_of_the_account_a_command_runs()
    {
        var ran = await RunAsync("--mount", $"mount --bind /dev/null /etc/passwd; exec env -i PATH=/usr/bin:/bin ${{DOTNET_ROOT:+DOTNET_ROOT=$DOTNET_ROOT}} {Binaries.Artel} run -- echo hello");

        Assert.True(ran.Status == 0, ran.ToString());
        Assert.Equal("hello\n", ran.Output);
    }

    [Fact]
    public async Task Without_a_loopback_interface_one_line_says_so()
    {
        var ran = await RunAsync("--net", $"exec {Binaries.Artel} run -- echo hello");

        Assert.Equal(3, ran.Status);
        Assert.Contains("the loopback interface of this machine is down", Assert.Single(ran.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_too_little_address_space_no_stack_trace_is_shown()
    {
        Assert.SkipUnless(Binaries.AreNative, "the runtime of this build needs more than that itself");
        await using var program = RunningProgram.Start("/bin/sh", ["-c", $"ulimit -v 1000000; exec {Binaries.Artel} run -- echo hello"]);
        var ran = await program.EndAsync();

        Assert.NotEqual(0, ran.Status);
        Assert.Contains("ended by itself", ran.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Errors, StringComparison.Ordinal);
    }

    private static async Task<Ended> RunAsync(string space, string script)
    {
        SystemRights.Require(SystemRights.Try("unshare", space, "true"), $"a new namespace ({space}) cannot be made here");
        await using var program = RunningProgram.Start("unshare", [space, "/bin/sh", "-c", script]);
        return await program.EndAsync();
    }
}

using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Artel.Testing;

/// <summary>What a test may do to the machine. A right that is lacking skips the test with the reason, except on CI, where it fails.</summary>
public static class SystemRights
{
    /// <summary>Runs a system's tool, such as mount or ip, to its end.</summary>
    /// <returns>Why it failed, or null.</returns>
    public static string? Try(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {errors.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"{program}: {e.Message}";
        }
    }

    /// <summary>Ends the test where something is lacking.</summary>
    /// <param name="lack">Null: nothing.</param>
    /// <param name="what">What can not be done, as in "a tmpfs can not be mounted here".</param>
    public static void Require(string? lack, string what)
    {
        if (lack is null)
            return;

        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"on CI there must be the right for this test: {what}: {lack}");

        Assert.Skip($"{what}: {lack}");
    }
}

using System.Diagnostics;
using Artel.Testing;

namespace Artel.Bench.Cluster;

/// <summary>The programs as users get them: native <c>artel</c>, and <c>artel-server</c> compiled ahead where it can be.</summary>
internal static class PublishedPrograms
{
    /// <summary>Path of <c>artel</c>: what <c>ARTEL_NATIVE</c> names, or what is published now (not again where nothing has changed).</summary>
    public static async Task<string> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("ARTEL_NATIVE") is { Length: > 0 } given)
        {
            return given;
        }

        var folder = Path.Combine(Binaries.Repository, "bench", "Artel.Bench", "bin", "published");
        await Console.Error.WriteLineAsync("Publishing artel and artel-server …");
        // Without build servers: those would go on, and hold the pipe open that is read to its end here.
        var start = new ProcessStartInfo(
            "dotnet", ["publish", "src/Artel.Cli", "-r", "linux-x64", "-c", "Release", "-p:PublishAot=true", "-v", "q", "--disable-build-servers", "-o", folder])
        {
            WorkingDirectory = Binaries.Repository,
            RedirectStandardOutput = true,
        };
        using var publish = Process.Start(start)!;
        var said = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? Path.Combine(folder, "artel") : throw new BenchException($"dotnet publish failed:\n{said}");
    }
}

/// <summary>Something that was to be measured can not be. The message is for people.</summary>
internal sealed class BenchException(string message) : Exception(message);

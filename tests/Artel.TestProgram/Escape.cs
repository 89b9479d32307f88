using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Artel.TestProgram;

/// <summary>The way out of a task: a child's child, whose parent is gone.</summary>
internal static partial class Escape
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int Ignored = 1;

    /// <summary>Starts the process between, which ends at once, and waits until the escaped one has said who it is.</summary>
    public static int Leave(string file, string seconds)
    {
        using var between = Start("escape-by-way-of", file, seconds);
        between.WaitForExit();
        while (!File.Exists(file))
            Thread.Yield();

        return between.ExitCode;
    }

    public static int Begin(string file, string seconds)
    {
        Start("escaped", file, seconds).Dispose();
        return 0;
    }

    public static void Away()
    {
        _ = setsid();
        foreach (var number in new[] { Hangup, Interrupt, Terminate })
            _ = signal(number, Ignored);

        // All that was handed down: what the runtime has opened is its own.
        for (var descriptor = 0; descriptor <= 2; descriptor++)
            _ = close(descriptor);
    }

    private static Process Start(string command, string file, string seconds)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [command, file, seconds]);
        var runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        start.Environment.Clear();
        if (runtime is not null)
            start.Environment["DOTNET_ROOT"] = runtime;

        return Process.Start(start)!;
    }

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}

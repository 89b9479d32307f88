using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Artel.Bench.Bare;

/// <summary>
/// What the machine itself can do: <c>posix_spawn</c> of <c>/bin/true</c>, each with two output files, and waiting for it; nothing else.
/// </summary>
internal static unsafe class BareLoop
{
    /// <summary>Runs so many processes, <paramref name="slots"/> at a time.</summary>
    /// <returns>How long all of them took together.</returns>
    public static TimeSpan Run(string folder, int count, int slots)
    {
        var next = 0;
        var failed = 0;
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, slots).Select(_ => new Thread(() =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) <= count)
            {
                failed += StartAndWait(folder, number) ? 0 : 1;
            }
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        return failed == 0 ? watch.Elapsed : throw new InvalidOperationException($"{failed} processes of the bare loop failed");
    }

    private static bool StartAndWait(string folder, int number)
    {
        var stdout = Libc.Create(Path(folder, "out", number));
        var stderr = Libc.Create(Path(folder, "ouMis", number));
        int? pid;
        fixed (byte* program = "/bin/true"u8)
        {
            var arguments = stackalloc byte*[2] { program, null };
            pid = Libc.Spawn(arguments, Libc.Environment(), stdout, stderr);
        }

        Libc.Close(stdout);
        Libc.Close(stderr);
        return pid is { } started && Libc.Wait(started);
    }

    private static byte[] Path(string folder, string name, int number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{folder}/{name}{number}.txt\0"));
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Artel.Bench.Bare;

/// <summary>Runs a program to its end and nothing beside it, with its output in a file, so that what is measured is the program alone.</summary>
internal static unsafe class WholeProcess
{
    /// <summary>From <c>posix_spawn</c> to the end of <c>waitpid</c>.</summary>
    /// <exception cref="InvalidOperationException">It did not succeed.</exception>
    public static TimeSpan Time(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, string output)
    {
        var watch = Stopwatch.StartNew();
        var pid = Start(program, arguments, environment, output);
        return Libc.Wait(pid) ? watch.Elapsed : throw Failed(program, arguments, output);
    }

    /// <summary>
    /// Most memory that it has resident at any time (VmHWM, proc(5)), looked at all the time while it runs. Not <c>ru_maxrss</c>: that
    /// of a spawned process starts with what its parent, this large program, has.
    /// </summary>
    /// <returns>Bytes.</returns>
    public static long PeakBytes(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, string output)
    {
        var pid = Start(program, arguments, environment, output);
        long peak = 0;
        long now;
        do
        {
            now = PeakSoFar(pid);
            peak = Math.Max(peak, now);
        }
        while (now > 0);
        return Libc.Wait(pid) ? peak : throw Failed(program, arguments, output);
    }

    /// <summary>0: it has ended.</summary>
    private static long PeakSoFar(int pid)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static int Start(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, string output)
    {
        var file = Libc.Create(Encoding.UTF8.GetBytes(output + '\0'));
        using var argv = new StringVector([program, .. arguments]);
        using var envp = new StringVector(environment.Select(v => $"{v.Key}={v.Value}"));
        try
        {
            return Libc.Spawn(argv.Pointer, envp.Pointer, file, file) is { } pid ? pid : throw Failed(program, arguments, output);
        }
        finally
        {
            Libc.Close(file);
        }
    }

    private static InvalidOperationException Failed(string program, string[] arguments, string output) =>
        new($"{program} {string.Join(' ', arguments)} failed:\n{File.ReadAllText(output)}");
}

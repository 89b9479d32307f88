using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Artel.Node.Accounts;

namespace Artel.Node.Processes;

/// <summary>
/// Starts a program as an account, by a <see cref="TaskStarter"/> that becomes it. As with posix_spawn itself, why a
/// program cannot be executed is known when this returns.
/// </summary>
/// <param name="program">The path of a program that has the starter in it.</param>
[SupportedOSPlatform("linux")]
internal sealed unsafe class StarterProgram(string program)
{
    private const int MaxReport = 4096;

    // For a machine under the heaviest load. Only the account itself can stop its starter, and so keep the thread that
    // waits for it.
    private const int PatienceMilliseconds = 20_000;

    // Of the agent's own environment a starter gets nothing but where its runtime is, if that is not beside it.
    private static readonly ProcessEnvironment Environment = new(
        new[] { "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64" }
            .Select(name => KeyValuePair.Create(name, System.Environment.GetEnvironmentVariable(name) ?? ""))
            .Where(v => v.Value.Length > 0)
            .Append(KeyValuePair.Create("DOTNET_EnableDiagnostics", "0"))
            .Append(KeyValuePair.Create("DOTNET_TieredPGO", "0"))
            .ToDictionary(StringComparer.Ordinal));

    /// <summary>Returns null and the process, or why there is none. The descriptors stay the caller's.</summary>
    public StartFailure? Start(Account account, LaunchRequest request, int stdin, int stdout, int stderr, out int pid)
    {
        pid = 0;
        var report = stackalloc int[2] { -1, -1 };
        var record = -1;
        try
        {
            if (Libc.pipe2(report, Libc.OpenCloseOnExec) != 0
                || (record = MemoryFile.Create(TaskStartRecord.Of(account, request).ToBytes(), "task")) < 0)
                return LaunchFailure.Of(Marshal.GetLastPInvokeError(), request, program);

            // A program may open its streams again by name (/dev/stderr): for that they must be its account's.
            _ = AccountCalls.fchown(stdout, account.Uid, account.Gid);
            _ = AccountCalls.fchown(stderr, account.Uid, account.Gid);

            var starter = new LaunchRequest(
                [program, TaskStarter.Verb, Number(record), Number(report[1])], Environment, "/", Cpus: request.Cpus);
            var error = LinuxSpawn.Start(program, starter, stdin, stdout, stderr, out pid, record, report[1]);
            if (error != 0)
                return LaunchFailure.Of(error, starter, program);

            _ = Libc.close(report[1]);
            report[1] = -1;
            if (Await(report[0]) is not { } why)
                return null;

            ProcessTree.Kill(pid);
            int status;
            Libc.Rusage usage;
            _ = Libc.wait4(pid, &status, 0, &usage);
            pid = 0;
            return new StartFailure(why);
        }
        finally
        {
            MemoryFile.Close(record);
            MemoryFile.Close(report[0]);
            MemoryFile.Close(report[1]);
        }
    }

    /// <summary>Null when the starter has become the program: then the report ends after its first byte.</summary>
    private static string? Await(int report)
    {
        var text = stackalloc byte[MaxReport];
        var length = 0;
        var until = System.Environment.TickCount64 + PatienceMilliseconds;
        while (length < MaxReport)
        {
            var left = until - System.Environment.TickCount64;
            if (left <= 0 || !Libc.AwaitReadable(report, (int)left))
            {
                if (left > 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted)
                    continue;

                return "it did not start in time: is the node overloaded, or did another process of the account stop it?";
            }

            var count = Libc.read(report, text + length, MaxReport - length);
            if (count == 0 || (count < 0 && Marshal.GetLastPInvokeError() != Errno.Interrupted))
                break;

            length += (int)Math.Max(count, 0);
        }

        return length == 0 ? "it ended before it could become the program: is the node out of memory?"
            : text[0] == TaskStarter.Begins && length == 1 ? null
            : Encoding.UTF8.GetString(text, length).TrimStart((char)TaskStarter.Begins);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

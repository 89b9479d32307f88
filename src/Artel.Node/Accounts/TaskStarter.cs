using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Artel.Node.Processes;
using Microsoft.Win32.SafeHandles;

namespace Artel.Node.Accounts;

/// <summary>
/// The program between an agent that is root and a task that is not: the agent starts it with two descriptors, it
/// becomes the account for good, and then becomes the task's program. Whatever is looked up on the way (working
/// directory, program, interpreter) is looked up as the account.
/// </summary>
/// <remarks>
/// Why a process in between, and not a thread of the agent that changes its own credentials: docs/adr/0013. It is a
/// mode of the program that the agent is, so nothing else has to be installed.
/// </remarks>
public static class TaskStarter
{
    /// <summary>The only argument word that makes a program a starter; two numbers follow.</summary>
    public const string Verb = "--start-task";

    private const int CannotStart = 127;
    private const uint UsualMask = 0x12;
    private const int SigPipe = 13;
    private const int SetMask = 2;
    private const int SignalSetSize = 256;

    /// <summary>
    /// The first byte of the report: from here on the starter is about to become the program. What follows is why it
    /// could not.
    /// </summary>
    internal const byte Begins = (byte)'>';

    /// <summary>Whether a command line is one for <see cref="Run"/>.</summary>
    public static bool IsFor(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Count == 3 && arguments[0] == Verb && OperatingSystem.IsLinux();
    }

    /// <summary>
    /// Becomes the task's program. Returns only if that cannot be, with an exit status; why is in the report.
    /// </summary>
    /// <param name="arguments"><see cref="Verb"/>, the descriptor of a <see cref="TaskStartRecord"/>, and that of the
    /// report.</param>
    [SupportedOSPlatform("linux")]
    public static int Run(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (!int.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !int.TryParse(arguments[2], NumberStyles.None, CultureInfo.InvariantCulture, out var report)
            || !Libc.SetCloseOnExec(report, true))
        {
            Console.Error.WriteLine($"artel: {Verb} is for node agents");
            return CannotStart;
        }

        string why;
        try
        {
            using var file = new FileStream(new SafeFileHandle(from, ownsHandle: true), FileAccess.Read);
            why = Become(TaskStartRecord.Read(file), report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e.Message;
        }

        Tell(report, Encoding.UTF8.GetBytes(why));
        return CannotStart;
    }

    /// <summary>Returns why it could not.</summary>
    [SupportedOSPlatform("linux")]
    private static unsafe string Become(TaskStartRecord record, int report)
    {
        var account = record.Account;
        AccountCalls.LeaveKeyring();
        AccountLimits.Apply(account);
        Tell(report, [Begins]);
        if (Drop(account) is { } kept)
            return kept;

        _ = AccountCalls.umask(UsualMask);
        if (Enter(account, record.WorkingDirectory, out var folder) is { } closed)
            return closed;

        var environment = new ProcessEnvironment(record.Environment);
        if (!record.Environment.ContainsKey("PWD"))
            environment["PWD"] = folder;

        var request = new LaunchRequest(record.Arguments, environment, folder);
        if (record.Script is { } script)
            request = script.PlaceIn(request);

        if (ProgramPath.Find(request.Arguments[0], request.Environment, request.WorkingDirectory) is not { } path)
            return LaunchFailure.NotOnPath(request);

        using var block = new ArgumentBlock(path, request);
        ResetSignals();
        _ = AccountCalls.execve(block.Path, block.Arguments, block.Environment);
        return LaunchFailure.Describe(Marshal.GetLastPInvokeError(), request, path);
    }

    /// <summary>
    /// Becomes the account with all threads and in all respects, groups first. Null, or what could not be given up.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static unsafe string? Drop(Account account)
    {
        var groups = account.Groups.ToArray();
        fixed (uint* start = groups)
        {
            if (AccountCalls.setgroups((nuint)groups.Length, start) != 0
                || AccountCalls.setresgid(account.Gid, account.Gid, account.Gid) != 0
                || AccountCalls.setresuid(account.Uid, account.Uid, account.Uid) != 0)
            {
                return $"this node cannot run tasks as account '{account.Name}': {Marshal.GetLastPInvokeErrorMessage()}";
            }
        }

        if (account.IsRoot)
            return null;

        return AccountCalls.DropCapabilities()
            && AccountCalls.setresuid(uint.MaxValue, 0, uint.MaxValue) != 0
            && AccountCalls.geteuid() == account.Uid
            ? null
            : $"this node cannot run tasks as account '{account.Name}': the rights of root could not be given up";
    }

    /// <summary>
    /// Goes to the working directory, which is relative to the account's home; without one to that home, or to / if it
    /// has none. Null, or why not.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static string? Enter(Account account, string wanted, out string folder)
    {
        folder = Path.Combine(account.Home, wanted);
        if (AccountCalls.chdir(folder) == 0)
            return null;

        if (wanted.Length == 0)
        {
            folder = "/";
            return AccountCalls.chdir(folder) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
        }

        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Errno.AccessDenied => $"account '{account.Name}' may not enter working directory '{folder}'",
            Errno.NoSuchFile => $"working directory '{folder}' does not exist on this node, or account '{account.Name}' may not see it",
            Errno.NotADirectory => $"working directory '{folder}' is a file",
            _ => $"working directory '{folder}': {Marshal.GetPInvokeErrorMessage(error)}",
        };
    }

    /// <summary>
    /// The runtime ignores SIGPIPE, and what is ignored or blocked stays so across the exec. Handlers do not.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static unsafe void ResetSignals()
    {
        _ = AccountCalls.signal(SigPipe, 0);
        var none = stackalloc byte[SignalSetSize];
        _ = Libc.sigemptyset(none);
        _ = AccountCalls.pthread_sigmask(SetMask, none, null);
    }

    [SupportedOSPlatform("linux")]
    private static unsafe void Tell(int report, ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            _ = Libc.write(report, start, text.Length);
        }
    }
}

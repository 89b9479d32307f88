using System.Globalization;

namespace Artel.Protocol.Text;

/// <summary>Signals as Linux numbers them, and what they say of a program that one of them ended.</summary>
public static class SignalNames
{
    private static readonly string[] Names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE",
        "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM",
        "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary><c>SIGSEGV</c>, or the number where it has no name.</summary>
    public static string Name(int signal) =>
        signal > 0 && signal < Names.Length ? Names[signal] : signal.ToString(CultureInfo.InvariantCulture);

    /// <summary><c>signal 11 (SIGSEGV)</c>.</summary>
    public static string Of(int signal) =>
        signal > 0 && signal < Names.Length ? string.Create(CultureInfo.InvariantCulture, $"signal {signal} ({Names[signal]})") : string.Create(CultureInfo.InvariantCulture, $"signal {signal}");

    /// <summary>What usually sends it; empty where there is nothing to say.</summary>
    public static string Meaning(int signal) => signal switch
    {
        4 => "an instruction that this cpu does not have",
        6 => "it gave up by itself (abort, a failed assertion)",
        7 => "a bus error: memory or a mapped file that is not there",
        8 => "an arithmetic error, such as a division by zero",
        9 => "killed from outside, by a person or by the kernel (see its log where memory was short)",
        11 => "it touched memory that is not its own",
        13 => "it wrote to a pipe that nobody reads",
        15 => "told to end from outside",
        24 => "it used up the cpu time that it was allowed",
        25 => "a file grew larger than it was allowed",
        _ => "",
    };
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Artel.Cli.Processes;

/// <summary>
/// Keeps tokens out of the argument lists and environments of running processes, which other accounts of the machine, or the tasks of a node, can read.
/// A process that was started with a token in its arguments replaces itself by one that gets it through a pipe. On Windows, where only the same
/// account can read them, nothing is done.
/// </summary>
internal static partial class SecretArguments
{
    /// <summary>For a process of this program: which arguments come through which descriptors, such as <c>4=7,6=8</c>.</summary>
    private const string Variable = "ARTEL_HIDDEN";

    private const string Shown = "(hidden)";
    private static readonly string[] Options = ["--join", "--token"];
    private static readonly string[] SecretVariables = ["ARTEL_JOIN", "ARTEL_TOKEN"];

    /// <summary>The arguments of this process, with their secrets. Set by <see cref="Receive"/>.</summary>
    public static IReadOnlyList<string> OfProcess { get; private set; } = [];

    /// <summary>Call it before anything else. If the arguments hold a token, this process starts again without it, and this does not return.</summary>
    /// <param name="arguments">Of this process, without its own name.</param>
    /// <returns>The arguments that were meant.</returns>
    public static string[] Receive(string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            OfProcess = arguments;
            return arguments;
        }

        var whole = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } handed ? ReadAll(arguments, handed) : arguments;
        Environment.SetEnvironmentVariable(Variable, null);
        OfProcess = whole;
        if (ReferenceEquals(whole, arguments) && Secrets(arguments).Any())
            StartAgain(arguments, []);

        return whole;
    }

    /// <summary>Whether the environment of this process holds a token, which a process that runs for long must not have.</summary>
    public static bool AreInEnvironment => !OperatingSystem.IsWindows()
        && SecretVariables.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });

    /// <summary>Starts this process again with no token in its environment. Does not return.</summary>
    /// <param name="more">Arguments to add to those that it has, for what the environment said.</param>
    public static void LeaveEnvironment(IReadOnlyList<string> more) => StartAgain([.. OfProcess, .. more], SecretVariables);

    /// <summary>What a process that this one becomes or starts gets as its environment: no tokens.</summary>
    public static IEnumerable<string> CleanEnvironment() => Variables(SecretVariables);

    /// <summary>
    /// The arguments of this process for a child that runs the same command line. The environment of this process then tells the child where the
    /// secrets are; the first child that is started gets them.
    /// </summary>
    public static string[] ForChild()
    {
        if (OperatingSystem.IsWindows())
            return [.. OfProcess];

        var (arguments, handed) = Hide(OfProcess);
        Environment.SetEnvironmentVariable(Variable, handed.Length == 0 ? null : handed);
        return arguments;
    }

    /// <summary>Where the arguments hold a secret, and where in the argument it begins.</summary>
    internal static IEnumerable<(int Index, int Start)> Secrets(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count && arguments[i] != "--"; i++)
        {
            foreach (var option in Options)
            {
                if (arguments[i] == option && i + 1 < arguments.Count && IsSecret(arguments[i + 1]))
                    yield return (i + 1, 0);
                else if (arguments[i].StartsWith(option + '=', StringComparison.Ordinal) && IsSecret(arguments[i][(option.Length + 1)..]))
                    yield return (i, option.Length + 1);
            }
        }
    }

    /// <summary>Anything but what only says where the token is.</summary>
    private static bool IsSecret(string value) => value.Length > 0 && value[0] is not ('-' or '@') && value != Shown;

    private static void StartAgain(IReadOnlyList<string> arguments, string[] without)
    {
        var (hidden, handed) = Hide(arguments);

        // What cannot be hidden is too long to be a token: it is refused right after.
        if (handed.Length == 0 && without.Length == 0)
            return;

        var environment = Variables([.. without, Variable]);
        Exec.Become(Programs.Artel, hidden, handed.Length == 0 ? environment : environment.Append($"{Variable}={handed}"));
    }

    private static IEnumerable<string> Variables(string[] without) => OwnProcess.Variables()
        .Where(e => !without.Contains(e.Key)).Select(e => $"{e.Key}={e.Value}");

    private static (string[] Arguments, string Handed) Hide(IReadOnlyList<string> arguments)
    {
        var hidden = arguments.ToArray();
        var handed = new StringBuilder();
        foreach (var (index, start) in Secrets(arguments))
        {
            if (Pipe(arguments[index][start..]) is not { } descriptor)
                continue;

            hidden[index] = string.Concat(arguments[index].AsSpan(0, start), Shown);
            handed.Append(handed.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{index}={descriptor}");
        }

        return (hidden, handed.ToString());
    }

    /// <summary>A descriptor from which the text can be read once, by this process or one that inherits it. Null if it does not fit.</summary>
    private static int? Pipe(string text)
    {
        Span<int> ends = stackalloc int[2];
        var bytes = Encoding.UTF8.GetBytes(text);

        // What fits into every system's pipe, so that writing it does not wait for a reader.
        const int most = 16 * 1024;
        if (bytes.Length > most || Pipe(ref MemoryMarshal.GetReference(ends)) != 0)
            return null;

        using var writing = new FileStream(new SafeFileHandle(ends[1], ownsHandle: true), FileAccess.Write, bufferSize: 0);
        writing.Write(bytes);
        return ends[0];
    }

    private static string[] ReadAll(string[] arguments, string handed)
    {
        var whole = arguments.ToArray();
        foreach (var pair in handed.Split(','))
        {
            if (pair.Split('=') is not [var at, var from]
                || !int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= whole.Length
                || !int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor))
            {
                continue;
            }

            using var reader = new StreamReader(new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read));
            whole[index] = whole[index].Replace(Shown, reader.ReadToEnd(), StringComparison.Ordinal);
        }

        return whole;
    }

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Pipe(ref int ends);
}

using System.Collections;
using System.Runtime.Versioning;
using Artel.Protocol.Files;

namespace Artel.Protocol.Text;

/// <summary>
/// What this process was started with, as <see cref="RawText"/>: .NET takes all of it for UTF-8, and puts U+FFFD in the
/// place of what is not. Other systems than Linux have no other text.
/// </summary>
public static class OwnProcess
{
    /// <summary>
    /// Set for a child that was started by .NET, which can hand on text alone: its variables hold <see cref="RawText"/>
    /// already.
    /// </summary>
    public const string RawVariable = "ARTEL_RAW";

    private const char Replaced = '\uFFFD';

    /// <summary>The arguments of this process.</summary>
    /// <param name="arguments">As .NET has them.</param>
    public static string[] Arguments(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (!OperatingSystem.IsLinux() || !Array.Exists(arguments, IsDoubtful))
            return arguments;

        var all = Read("/proc/self/cmdline");
        return all.Count >= arguments.Length ? [.. all.Skip(all.Count - arguments.Length)] : arguments;
    }

    /// <summary>The variables of this process as they are now.</summary>
    public static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var isRaw = Environment.GetEnvironmentVariable(RawVariable) is { Length: > 0 };
        Dictionary<string, string>? original = null;
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value ?? "");
            if (!isRaw && OperatingSystem.IsLinux() && (IsDoubtful(name) || IsDoubtful(value)))
            {
                original ??= Original();
                (name, value) = original.TryGetValue($"{name}={value}", out var raw) && raw.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                    ? (raw[..at], raw[(at + 1)..])
                    : (name, value);
            }

            variables[name] = value;
        }

        variables.Remove(RawVariable);
        return variables;
    }

    /// <summary>The working directory of this process.</summary>
    public static string CurrentFolder()
    {
        var folder = Environment.CurrentDirectory;
        return OperatingSystem.IsLinux() && IsDoubtful(folder) ? FileCalls.CurrentFolderPath() ?? folder : folder;
    }

    /// <summary>
    /// A path for .NET's calls to a file that the user named: .NET cannot open what lies below a working directory
    /// whose name is not UTF-8.
    /// </summary>
    /// <param name="path">Relative to the working directory, or absolute.</param>
    public static string PathOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!OperatingSystem.IsLinux() || CurrentFolder() is not { } folder || !RawText.HasBytes(folder))
            return path;

        return !Path.IsPathRooted(path) ? $"/proc/self/cwd/{path}"
            : path.StartsWith(folder + '/', StringComparison.Ordinal) ? $"/proc/self/cwd{path[folder.Length..]}"
            : path;
    }

    /// <summary>By what .NET makes of it: each name and value that this process was started with.</summary>
    [SupportedOSPlatform("linux")]
    private static Dictionary<string, string> Original()
    {
        var original = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in Read("/proc/self/environ"))
            original.TryAdd(System.Text.Encoding.UTF8.GetString(RawText.ToBytes(raw)), raw);

        return original;
    }

    /// <summary>A lone byte, or a character that <see cref="RawText"/> writes in another way.</summary>
    private static bool IsDoubtful(string text) =>
        text.Contains(Replaced, StringComparison.Ordinal) || RawText.HasBytes(text);

    [SupportedOSPlatform("linux")]
    private static List<string> Read(string file)
    {
        var texts = new List<string>();
        try
        {
            ReadOnlySpan<byte> rest = File.ReadAllBytes(file);
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf((byte)0);
                texts.Add(RawText.FromBytes(end < 0 ? rest : rest[..end]));
                rest = end < 0 ? [] : rest[(end + 1)..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process without /proc has what .NET has.
        }

        return texts;
    }
}

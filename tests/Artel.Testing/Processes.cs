using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Artel.Testing;

/// <summary>The processes of this machine, as <c>/proc</c> shows them.</summary>
public static class Processes
{
    /// <summary>Command lines of all processes with such a text in them; those that have ended and wait to be reaped are none.</summary>
    public static IReadOnlyList<string> Mentioning(string text)
    {
        List<string> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var line = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).Replace('\0', ' ');
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(folder)}: {line}");
                }
            }
            catch (IOException)
            {
                // It ended while it was looked at: not there, which is what its absence says.
                continue;
            }
        }

        return found;
    }

    /// <summary>Waits until no process has such a text in its command line.</summary>
    public static Task AreGoneAsync(string text) => Polling.UntilAsync(
        () => Task.FromResult(string.Join('\n', Mentioning(text))), left => left.Length == 0, $"no process is left of {text}");

    /// <summary>Not if it has ended and waits to be reaped.</summary>
    public static bool IsAlive(int pid) => StatusOf(pid, "State:") is { } state && !state.StartsWith('Z');

    /// <summary>Returns the process id that a program has written into a file.</summary>
    /// <exception cref="InvalidDataException">The file has something else.</exception>
    public static async Task<int> IdInAsync(string file)
    {
        var text = await File.ReadAllTextAsync(file);
        return int.TryParse(text, CultureInfo.InvariantCulture, out var pid)
            ? pid
            : throw new InvalidDataException($"{file} has '{text}' instead of a process id");
    }

    /// <summary>
    /// Returns what the system reports about a process, even if it waits to be reaped. Null if there is none.
    /// </summary>
    public static string? Describe(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat") + File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Ids of the children of a process, also of those that have ended and wait to be reaped.</summary>
    public static IReadOnlyList<int> ChildrenOf(int parent) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && StatusOf(pid, "PPid:") == parent.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Sends a signal by name, such as INT, TERM, KILL, STOP.</summary>
    public static void Signal(string signal, int pid)
    {
        using var kill = Process.Start("kill", ["-s", signal, pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static string? StatusOf(int pid, string label)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith(label, StringComparison.Ordinal))?[label.Length..].Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}

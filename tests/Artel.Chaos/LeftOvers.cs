using System.Globalization;
using System.Text;

namespace Artel.Chaos;

/// <summary>Processes that belong to a run by their environment, which everything below its programs inherits.</summary>
internal static class LeftOvers
{
    public static IReadOnlyList<string> With(params string[] texts)
    {
        List<string> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var environment = Read(folder, "environ");
                if (texts.All(text => environment.Contains(text, StringComparison.Ordinal)))
                    found.Add($"{Path.GetFileName(folder)}: {Read(folder, "cmdline").Replace('\0', ' ')}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended while it was looked at, or another user's: not of this run.
                continue;
            }
        }

        return found;
    }

    private static string Read(string folder, string file) => Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, file)));
}

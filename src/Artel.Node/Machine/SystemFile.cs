using System.Globalization;

namespace Artel.Node.Machine;

/// <summary>The small text files by which the system tells about itself. One that is not there, or may not be read, says nothing.</summary>
internal static class SystemFile
{
    public static string? Text(string root, string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path.TrimStart('/'))).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static string[] Lines(string root, string path) => Text(root, path)?.Split('\n') ?? [];

    /// <summary>Names of the files and folders in a folder.</summary>
    public static IEnumerable<string> Names(string root, string path)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Path.Combine(root, path)).Select(p => Path.GetFileName(p)!)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static bool Exists(string root, string path) => Path.Exists(Path.Combine(root, path));

    /// <summary>Null where it is none, such as the <c>max</c> of a cgroup.</summary>
    public static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}

namespace Artel.Protocol.Maps;

/// <summary>
/// The working directory of a task as a template: what the user gave is one, the folder that it is relative to is not.
/// </summary>
public static class TaskFolder
{
    /// <param name="given">As the user wrote it, with marks; null for the folder itself.</param>
    /// <param name="folder">Absolute: what it is relative to.</param>
    public static string Of(string? given, string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (given is null)
            return TaskMarks.Escape(folder);

        // The '/' in a mark such as {entry://} is not one of the path.
        var text = MarkedText.Parse(given);
        if (text.MarkCount == 0)
            return TaskMarks.Escape(Path.GetFullPath(text.Fill(MarkValues.None), folder));

        var isHere = given.StartsWith("./", StringComparison.Ordinal);
        return Path.IsPathRooted(given)
            ? given
            : $"{TaskMarks.Escape(folder.TrimEnd('/'))}/{(isHere ? given[2..] : given)}";
    }
}

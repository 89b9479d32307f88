namespace Artel.Protocol.Maps;

/// <summary>What a map means by a relative path, and by no path at all.</summary>
public sealed record MapContext
{
    /// <summary>
    /// A map that came without a place, such as one typed into a web page: relative paths in it are mistakes, no file is
    /// read, and a task without <c>cwd</c> runs where its node agent runs.
    /// </summary>
    public static MapContext Detached { get; } = new();

    /// <summary>Absolute. <c>cwd</c> and <c>stdin_file</c> are relative to it. Null: see <see cref="Detached"/>.</summary>
    public string? MapDirectory { get; init; }

    /// <summary>Absolute. The working directory of a task that has no <c>cwd</c>. Null: the node agent's own.</summary>
    public string? SubmissionDirectory { get; init; }

    /// <summary>What "now" is where a map says <c>start_at: +2h</c>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>A map in a file: paths in it are relative to its folder.</summary>
    /// <param name="mapFile">Path of the map, absolute or relative to <paramref name="submissionDirectory"/>.</param>
    /// <param name="submissionDirectory">Absolute: where the user stands.</param>
    public static MapContext ForFile(string mapFile, string submissionDirectory)
    {
        ArgumentException.ThrowIfNullOrEmpty(mapFile);
        ArgumentException.ThrowIfNullOrEmpty(submissionDirectory);
        return new MapContext
        {
            MapDirectory = Path.GetDirectoryName(Path.GetFullPath(mapFile, submissionDirectory)) ?? submissionDirectory,
            SubmissionDirectory = submissionDirectory,
        };
    }
}

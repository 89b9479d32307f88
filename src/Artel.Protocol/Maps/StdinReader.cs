using Artel.Protocol.Text;
using Google.Protobuf;

namespace Artel.Protocol.Maps;

/// <summary>Reads the files that a map names as standard input, at the time of the submission.</summary>
internal sealed class StdinReader(MistakeLog log, MapContext context)
{
    /// <summary>The bytes of a file; null, with the mistake logged, where it can not be read or is too large.</summary>
    public ByteString? Read(MapNode at, string path)
    {
        if (TextRules.ArgumentProblem(path) is { } problem)
            return Refuse(at, $"stdin_file {problem}", "");

        if (context.MapDirectory is not { } folder)
            return Refuse(at, "stdin_file is read by the one who submits, and this map is in no folder", "give the text itself as 'stdin'");

        try
        {
            using var file = File.OpenRead(OwnProcess.PathOf(Path.GetFullPath(path, folder)));

            // What the file says of its length is not asked: a device or a pipe has none.
            var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            int read;
            while (content.Length <= JobLimits.MaxStdinBytes && (read = file.Read(buffer)) > 0)
                content.Write(buffer, 0, read);

            return content.Length <= JobLimits.MaxStdinBytes
                ? ByteString.CopyFrom(content.GetBuffer(), 0, (int)content.Length)
                : Refuse(
                    at,
                    $"stdin_file '{Quote.Shorten(path)}' is larger than {Sizes.Format(JobLimits.MaxStdinBytes)}",
                    "let the task read the file");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse(at, $"stdin_file '{Quote.Shorten(path)}' does not exist", $"a path relative to the map's folder, {folder}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(at, $"stdin_file '{Quote.Shorten(path)}' can not be read", e.Message);
        }
    }

    private ByteString? Refuse(MapNode at, string problem, string remedy)
    {
        log.Spoil(at, problem, remedy);
        return null;
    }
}

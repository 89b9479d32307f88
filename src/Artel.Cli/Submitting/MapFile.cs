using Artel.Cli.Output;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>A cluster map in a file, or on standard input as <c>-</c>.</summary>
internal static class MapFile
{
    /// <summary>Reads a map that is to be submitted: its mistakes are told one a line, and the command fails.</summary>
    public static JobSpec Read(SourceFile source, Terminal terminal, TimeProvider clock)
    {
        var file = source.Name;
        var result = Parse(source, clock);
        if (result.Job is { } job)
        {
            if (job.Name.Length == 0)
                job.Name = file == SourceFile.StandardInput ? "map" : Path.GetFileNameWithoutExtension(file);

            return job;
        }

        foreach (var mistake in result.Mistakes)
            terminal.Note(mistake.ToString());

        throw CommandFailure.WrongUsage(Verdict(file, result.Mistakes.Count) + ": nothing was submitted");
    }

    public static MapResult Parse(SourceFile source, TimeProvider clock)
    {
        var here = OwnProcess.CurrentFolder();
        return source.Name == SourceFile.StandardInput
            ? MapParser.Parse(
                source.Bytes,
                "standard input",
                new MapContext { MapDirectory = here, SubmissionDirectory = here, Clock = clock })
            : MapParser.Parse(source.Bytes, source.Name, MapContext.ForFile(source.Name, here) with { Clock = clock });
    }

    public static string Verdict(string file, int mistakes) => $"{file} has {Words.Count(mistakes, "mistake", "mistakes")}";
}

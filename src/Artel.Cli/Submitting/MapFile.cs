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
        var result = Parse(source, clock);
        if (result.Job is { } job)
        {
            if (job.Name.Length == 0)
                job.Name = source.IsStandardInput ? "map" : Path.GetFileNameWithoutExtension(source.Name);

            return job;
        }

        foreach (var mistake in result.Mistakes)
            terminal.Note(mistake.ToString());

        throw CommandFailure.WrongUsage(Verdict(source.ShownName, result.Mistakes.Count) + ": nothing was submitted");
    }

    /// <summary>Parses a map. Its file names are relative to its folder, or to the current one if it has none.</summary>
    public static MapResult Parse(SourceFile source, TimeProvider clock)
    {
        var here = OwnProcess.CurrentFolder();
        var context = source.IsStandardInput
            ? new MapContext { MapDirectory = here, SubmissionDirectory = here }
            : MapContext.ForFile(source.Name, here);
        return MapParser.Parse(source.Bytes, source.ShownName, context with { Clock = clock });
    }

    public static string Verdict(string file, int mistakes) => $"{file} has {Words.Count(mistakes, "mistake", "mistakes")}";
}

using Artel.Cli.Output;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>A cluster map in a file, or on standard input as <c>-</c>.</summary>
internal static class MapFile
{
    /// <summary>Reads a map that is to be submitted: its mistakes are told one a line, and the command fails.</summary>
    public static async Task<JobSpec> ReadAsync(string file, Terminal terminal, TimeProvider clock, CancellationToken ct)
    {
        var result = await ParseAsync(file, clock, ct);
        if (result.Job is { } job)
        {
            if (job.Name.Length == 0)
                job.Name = file == "-" ? "map" : Path.GetFileNameWithoutExtension(file);

            return job;
        }

        foreach (var mistake in result.Mistakes)
            terminal.Note(mistake.ToString());

        throw CommandFailure.WrongUsage(Verdict(file, result.Mistakes.Count) + ": nothing was submitted");
    }

    public static async Task<MapResult> ParseAsync(string file, TimeProvider clock, CancellationToken ct)
    {
        var here = OwnProcess.CurrentFolder();
        if (file == "-")
        {
            using var bytes = new MemoryStream();
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(bytes, ct);
            return MapParser.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), "standard input", new MapContext { MapDirectory = here, SubmissionDirectory = here, Clock = clock });
        }

        try
        {
            var length = new FileInfo(OwnProcess.PathOf(file)).Length;
            if (length > JobLimits.MaxMapBytes)
                throw CommandFailure.WrongUsage($"{file} is {Words.Size(length)} large: a map has at most {Sizes.Format(JobLimits.MaxMapBytes)}");

            var content = await File.ReadAllBytesAsync(OwnProcess.PathOf(file), ct);
            return MapParser.Parse(content, file, MapContext.ForFile(file, here) with { Clock = clock });
        }
        catch (FileNotFoundException)
        {
            throw CommandFailure.WrongUsage(Directory.Exists(file)
                ? $"{file} is a folder: name the map in it"
                : $"there is no map {file} here ('artel run -- CMD' runs a command)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", file, e);
        }
    }

    public static string Verdict(string file, int mistakes) => $"{file} has {Words.Count(mistakes, "mistake", "mistakes")}";
}

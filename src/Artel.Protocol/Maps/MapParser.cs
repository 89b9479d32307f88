using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>
/// Reads a cluster map, YAML or JSON, into the job that goes over the wire. Reports every mistake at once, each with its
/// place. Whatever the text is, the cost is bounded.
/// </summary>
public static class MapParser
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a map as it is in its file.</summary>
    /// <param name="text">UTF-8, with or without a byte order mark.</param>
    /// <param name="fileName">The map as the user named it, for messages.</param>
    /// <param name="context">What relative paths in it mean.</param>
    public static MapResult Parse(ReadOnlySpan<byte> text, string fileName, MapContext context)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        if (text.Length > JobLimits.MaxMapBytes)
            return Only(fileName, 1, 1, TooLarge(text.Length), UseArray);

        try
        {
            return Parse(Strict.GetString(text), fileName, context);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(text[..Math.Clamp(e.Index, 0, text.Length)]);
            var (line, column) = EndOf(before);
            return Only(fileName, line, column, "the map is not UTF-8 text", "save it as UTF-8");
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string, MapContext)"/>
    public static MapResult Parse(string text, string fileName, MapContext context)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(context);
        if (text.Length > JobLimits.MaxMapBytes)
            return Only(fileName, 1, 1, TooLarge(text.Length), UseArray);

        // The YAML reader takes NUL for the end of the text: what follows would be lost without a word.
        var nul = text.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
        {
            var (line, column) = EndOf(text[..nul]);
            return Only(fileName, line, column, "the map holds a NUL character", "save it as UTF-8 text; is it a map at all?");
        }

        var log = new MistakeLog(fileName);
        try
        {
            return Read(text.TrimStart('\uFEFF'), log, context);
        }
        catch (TooManyMistakesException)
        {
            return new MapResult(null, log.InOrder());
        }
    }

    private static MapResult Read(string text, MistakeLog log, MapContext context)
    {
        var tree = new MapTreeReader(log).Read(text);
        if (tree is null || new JobReader(log, context).Read(tree) is not var (job, places))
            return new MapResult(null, log.InOrder());

        var broken = JobSpecs.ValidateSpec(job);
        foreach (var mistake in broken)
        {
            if (places.Find(mistake.Place) is { } at)
                log.Add(at, mistake.Problem, mistake.Remedy);
        }

        var mistakes = log.InOrder();
        if (mistakes.Count == 0 && broken.Count > 0)
            throw new InvalidOperationException($"a mistake was found and not told: {broken[0]}");

        return new MapResult(mistakes.Count == 0 ? job : null, mistakes);
    }

    private const string UseArray = "say the same with an array, or split it into several maps";

    private static string TooLarge(long length) =>
        $"the map is {Sizes.Format(length)} large: at most {Sizes.Format(JobLimits.MaxMapBytes)}";

    private static MapResult Only(string file, int line, int column, string problem, string remedy) =>
        new(null, [new MapMistake(file, line, column, problem, remedy)]);

    private static (int Line, int Column) EndOf(string text) =>
        (text.Count(c => c == '\n') + 1, text.Length - text.LastIndexOf('\n'));
}

using System.CommandLine;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>The entries of a command: from a file, from standard input, or after <c>:::</c>.</summary>
internal static class TaskEntries
{
    /// <summary>Appends the command to the arguments of the template, and adds the sources of its entries.</summary>
    /// <param name="isStandardInputRead">True if the script was read from standard input.</param>
    public static void Fill(
        TaskTemplate template, string[] command, JobOptions options, JobAnswers answers, bool isStandardInputRead = false)
    {
        var sources = new List<string>();
        if (answers.Get(options.EachLine) is not null)
            sources.Add(options.EachLine.Name);

        if (answers.Get(options.FromJson) is not null)
            sources.Add(options.FromJson.Name);

        var isParallel = ParallelWords.IsUsed(command);
        if (isParallel)
            sources.Add(":::");

        if (sources.Count > 1)
            throw CommandFailure.WrongUsage($"{sources[0]} and {sources[1]}: give one of them");

        CheckStandardInput(options, answers, command, isParallel, isStandardInputRead);
        var isNull = answers.Get(options.Null);
        if (isNull && answers.Get(options.EachLine) is null && !command.Any(w => w.StartsWith("::::", StringComparison.Ordinal)))
            throw CommandFailure.WrongUsage($"{options.Null.Name} is for what {options.EachLine.Name} and '::::' read: give one of them too");

        EntryFiles.Reader read = isNull ? EntryFiles.FromNul : EntryFiles.FromLines;
        if (isParallel)
        {
            ParallelWords.Fill(template, command, (name, file) => Read(name, file, read));
            return;
        }

        template.Run.AddRange(command);
        if (answers.Get(options.EachLine) is { } lines)
            template.Axes.Add(Read(options.EachLine.Name, lines, read));
        else if (answers.Get(options.FromJson) is { } json)
            template.Axes.Add(Read(options.FromJson.Name, json, EntryFiles.FromJson));
    }

    private static Axis Read(string name, string file, EntryFiles.Reader reader)
    {
        var axis = new Axis();
        string? error;
        if (file.Length == 0)
            throw CommandFailure.WrongUsage($"{name}: the name of the file is empty");

        if (file == "-")
        {
            using var input = Console.OpenStandardInput();
            error = EntryFiles.Read(input, reader, axis);
        }
        else
        {
            if (RawText.HasBytes(file))
            {
                throw CommandFailure.WrongUsage(
                    $"{name}: the name of the file '{RawText.Show(file)}' is not UTF-8: rename it, or give it as "
                    + "standard input, '-'");
            }

            error = EntryFiles.Read(OwnProcess.PathOf(file), reader, axis);
        }

        return error is null ? axis : throw CommandFailure.WrongUsage($"{name}: {(file == "-" ? "standard input" : file)} {error}");
    }

    private static void CheckStandardInput(
        JobOptions options, JobAnswers answers, string[] command, bool isParallel, bool isRead)
    {
        Option<string?>[] files = [options.Stdin, options.EachLine, options.FromJson];
        var readers = files.Where(o => answers.Get(o) == "-").Select(o => o.Name).ToList();
        if (isParallel && command.SkipWhile(w => !w.StartsWith("::::", StringComparison.Ordinal)).Contains("-"))
            readers.Add("::::");

        if (isRead)
            readers.Insert(0, "the script");

        if (readers.Count > 1)
            throw CommandFailure.WrongUsage($"{readers[0]} and {readers[1]} both read standard input: give one of them a file");
    }
}

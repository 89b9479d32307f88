using System.CommandLine;
using System.CommandLine.Parsing;

namespace Artel.Cli.Commands;

/// <summary>What is said of a command line that can not be read: its first mistake, in one line, with what would be right.</summary>
internal static class Misuse
{
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [var word, ..])
            return OfWord(word, command);

        // Looked for before what our own parsers say: of a value that is not there they are not asked.
        if (parsed.Errors.Select(e => e.SymbolResult).OfType<OptionResult>().FirstOrDefault(o => o is { Implicit: false, Tokens.Count: 0 }) is { } empty)
            return $"{empty.Option.Name} needs a value: {HelpPage.Row(empty.Option).Name}";

        if (command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 }) is { } argument)
            return $"{argument.Name} is missing: {HelpPage.UsageOf(command)}";

        if (command.Options.FirstOrDefault(o => o.Required && parsed.GetResult(o) is null or { Implicit: true }) is { } option)
            return $"{HelpPage.Row(option).Name} is missing: {HelpPage.UsageOf(command)}";

        return parsed.Errors[0].Message.TrimEnd('.');
    }

    /// <summary>Of an option that a command does not have.</summary>
    public static string OfOption(string word, Command command)
    {
        var name = word.Split('=')[0];
        var known = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive))).Where(o => !o.Hidden);
        var meant = Spelling.Nearest(name, known.Select(o => o.Name));
        return $"{CommandTree.PathOf(command)} has no option '{name}': {Remedy(meant, command)}";
    }

    private static string OfWord(string word, Command command)
    {
        if (word.StartsWith('-'))
            return OfOption(word, command);

        return command.Subcommands.Count > 0
            ? $"there is no command '{CommandTree.PathOf(command)} {word}': {Remedy(Spelling.Nearest(word, command.Subcommands.Select(c => c.Name)), command)}"
            : $"'{word}' is one word too many: {HelpPage.UsageOf(command)}";
    }

    private static string Remedy(string? meant, Command command) =>
        meant is null ? $"'{CommandTree.PathOf(command)} --help' lists them" : $"did you mean '{meant}'?";
}

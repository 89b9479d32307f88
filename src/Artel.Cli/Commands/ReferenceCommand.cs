using System.CommandLine;
using System.CommandLine.Help;

namespace Artel.Cli.Commands;

/// <summary><c>artel reference</c>: docs/cli.md, made from the commands themselves. Hidden: it is for those who work on Artel.</summary>
internal static class ReferenceCommand
{
    public const string Renewal = "dotnet run --project src/Artel.Cli -- reference > docs/cli.md";

    public static Command Create(Surroundings s)
    {
        var command = new Verb("reference", "Print docs/cli.md.") { Hidden = true };
        command.SetAction(_ =>
        {
            Write(command.Parents.OfType<RootCommand>().First(), s.Terminal.OutputWriter);
            return ExitStatus.Done;
        });
        return command;
    }

    internal static void Write(RootCommand root, TextWriter to)
    {
        to.Write("# The command line\n\n");
        to.Write($"Made from the commands themselves by `{Renewal}`; a test compares. `artel COMMAND --help` shows the same.\n\n");
        to.Write("For every command:\n\n");
        WriteRows(to, root.Options.Where(o => o is { Recursive: true, Hidden: false } and not HelpOption).Select(HelpPage.Row));
        foreach (var command in Leaves(root).Where(c => !c.Hidden))
            WriteCommand(to, command);

        foreach (var topic in HelpTopics.All)
        {
            to.Write($"\n# {topic.Title}\n\n`artel help {topic.Name}`\n\n");
            foreach (var paragraph in topic.Text)
                to.Write($"{Escaped(paragraph)}\n\n");

            WriteRows(to, topic.Rows);
        }
    }

    private static void WriteCommand(TextWriter to, Command command)
    {
        to.Write($"\n## {CommandTree.PathOf(command)}\n\n");
        to.Write($"{Escaped((command.Description ?? "").Replace("\n\n", "\n", StringComparison.Ordinal).Replace("\n", "\n\n", StringComparison.Ordinal))}\n\n```sh\n");
        foreach (var usage in HelpPage.Usages(command))
            to.Write($"{usage}\n");

        to.Write("```\n\n");
        WriteRows(to, command.Arguments.Where(a => !a.Hidden).Select(a => (a.Name, a.Description ?? "")));
        WriteRows(to, command.Options.Where(o => !o.Hidden && o is not HelpOption).Select(HelpPage.Row));
        if (command is Verb { Examples.Count: > 0 } verb)
            to.Write($"\nExamples:\n\n```sh\n{string.Join('\n', verb.Examples)}\n```\n");
    }

    private static void WriteRows(TextWriter to, IEnumerable<(string Name, string Description)> rows)
    {
        foreach (var (name, description) in rows)
            to.Write($"* `{name}`: {Escaped(description)}\n");
    }

    /// <summary>What Markdown would take for marks of its own.</summary>
    private static string Escaped(string text) =>
        text.Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Artel.Cli.Commands;

/// <summary>
/// The text of <c>--help</c>: what the command does, how it is called, its options, examples. The first line of a description
/// stands for the command in lists.
/// </summary>
internal sealed class HelpPage : SynchronousCommandLineAction
{
    private const int MaxNameWidth = 30;

    internal static readonly (string Name, string Description)[] Variables =
    [
        ("ARTEL_SERVER", "host:port of the cluster; else the token's addresses."),
        ("ARTEL_TOKEN", "A token, as 'artel token create' prints it."),
        ("ARTEL_HOME", "Folder of settings (config.yaml with 'server:' and 'token:'), of the local server's access file and data [~/.artel]."),
        ("ARTEL_JOIN", "A node's token, instead of --join."),
        ("ARTEL_SERVER_PATH", "The artel-server to start."),
        ("ARTEL_LOG_FORMAT", "How servers and nodes log, instead of --log-format: text or json."),
        ("TRACEPARENT", "The trace that submitted jobs become part of (W3C Trace Context)."),
        ("OTEL_...", "Where a server sends traces and metrics (docs/metrics.md, docs/tracing.md)."),
        ("NO_COLOR", "No colours where it is set."),
    ];

    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption)
            {
                option.Action = new HelpPage();
                option.Description = "This page.";
                // Not options but paths where most of these machines live.
                option.Aliases.Remove("/?");
                option.Aliases.Remove("/h");
            }
            else if (option is VersionOption)
            {
                option.Description = "The version of artel.";
            }
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, Width());
        return ExitStatus.Done;
    }

    internal static void Write(Command command, TextWriter to, int width)
    {
        WriteWrapped(to, command.Description ?? "", "", width);
        to.WriteLine();
        to.WriteLine("Usage:");
        foreach (var usage in Usages(command))
            to.WriteLine($"  {usage}");

        WriteSection(to, "Commands", [.. command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name + ArgumentsOf(c), FirstLine(c.Description)))], width);
        WriteSection(to, "Arguments", [.. command.Arguments.Where(a => !a.Hidden).Select(a => (a.Name, a.Description ?? ""))], width);
        WriteSection(to, "Options", [.. command.Options.Where(o => !o.Hidden && o is not HelpOption).Select(Row)], width);
        if (command is not RootCommand)
        {
            var root = command.Parents.OfType<Command>().First();
            while (root is not RootCommand)
                root = root.Parents.OfType<Command>().First();

            WriteSection(to, "For every command", [.. root.Options.Where(o => o.Recursive && !o.Hidden).Select(Row)], width);
        }

        if (command is RootCommand)
            WriteSection(to, "Topics (artel help TOPIC)", [.. HelpTopics.All.Select(t => (t.Name, t.Title))], width);

        if (command is Verb { Examples.Count: > 0 } verb)
        {
            to.WriteLine();
            to.WriteLine("Examples:");
            foreach (var example in verb.Examples)
                to.WriteLine($"  {example}");
        }
    }

    /// <summary>How a command is called, in a line.</summary>
    internal static string UsageOf(Command command) => string.Join(", or: ", Usages(command));

    internal static (string Name, string Description) Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(a => a != "-?").Append(option.Name).OrderBy(n => n.Length));
        var value = option.ValueType == typeof(bool) || option is HelpOption or VersionOption ? "" : $" {option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant()}";
        return (names + value, (option.Description ?? "") + (option.Required ? " Required." : ""));
    }

    internal static IEnumerable<string> Usages(Command command)
    {
        var path = CommandTree.PathOf(command);
        if (command.Subcommands.Count > 0)
            return [$"{path} COMMAND"];

        return command is Verb { Usages.Count: > 0 } verb ? verb.Usages.Select(u => $"{path} {u}") : [$"{path}{ArgumentsOf(command)} [options]"];
    }

    private static string ArgumentsOf(Command command) =>
        string.Concat(command.Arguments.Where(a => !a.Hidden).Select(a => $" {a.Name}{(a.Arity.MaximumNumberOfValues > 1 ? "…" : "")}"))
        + string.Concat(command.Options.Where(o => o.Required).Select(o => $" {Row(o).Name}"));

    private static string FirstLine(string? text) => (text ?? "").Split('\n')[0];

    internal static void WriteSection(TextWriter to, string title, (string Name, string Description)[] rows, int width)
    {
        if (rows.Length == 0)
            return;

        to.WriteLine();
        to.WriteLine($"{title}:");
        var nameWidth = Math.Min(MaxNameWidth, rows.Max(r => r.Name.Length));
        var indent = new string(' ', nameWidth + 4);
        foreach (var (name, description) in rows)
        {
            to.Write($"  {name.PadRight(nameWidth)}  ");
            if (name.Length > nameWidth)
                to.Write($"\n{indent}");

            WriteWrapped(to, description, indent, width, startsIndented: true);
        }
    }

    internal static void WriteWrapped(TextWriter to, string text, string indent, int width, bool startsIndented = false)
    {
        foreach (var line in text.Split('\n'))
        {
            var used = 0;
            if (!startsIndented)
                to.Write(indent);

            startsIndented = false;
            foreach (var word in line.Split(' '))
            {
                if (used > 0 && indent.Length + used + 1 + word.Length > width)
                {
                    to.Write($"\n{indent}");
                    used = 0;
                }
                else if (used > 0)
                {
                    to.Write(' ');
                    used++;
                }

                to.Write(word);
                used += word.Length;
            }

            to.WriteLine();
        }
    }

    /// <summary>Columns that a page may take on standard output.</summary>
    internal static int Width() => Console.IsOutputRedirected ? 100 : Math.Clamp(Console.WindowWidth, 60, 100);
}

using System.CommandLine;

namespace Artel.Cli.Commands;

/// <summary><c>artel help</c></summary>
internal static class HelpCommand
{
    public static Command Create(Surroundings s)
    {
        var about = new Argument<string[]>("TOPIC") { Description = "A topic, or a command.", Arity = ArgumentArity.ZeroOrMore };
        about.CompletionSources.Add([.. HelpTopics.All.Select(t => t.Name)]);
        var command = new Verb("help", "Explain a topic or a command.") { Examples = ["artel help selectors", "artel help exit-statuses", "artel help node start"] };
        command.Add(about);
        command.SetAction(parsed =>
        {
            var words = parsed.GetValue(about) ?? [];
            var root = command.Parents.OfType<RootCommand>().First();
            if (words is [var name] && HelpTopics.Find(name) is { } topic)
            {
                topic.Write(s.Terminal.OutputWriter, HelpPage.Width());
                return ExitStatus.Done;
            }

            HelpPage.Write(Find(root, words), s.Terminal.OutputWriter, HelpPage.Width());
            return ExitStatus.Done;
        });
        return command;
    }

    private static Command Find(Command root, string[] words)
    {
        var found = root;
        foreach (var word in words)
        {
            var known = found.Subcommands.Select(c => c.Name).Concat(found == root ? HelpTopics.All.Select(t => t.Name) : []).ToList();
            found = found.Subcommands.FirstOrDefault(c => c.Name == word) ?? throw CommandFailure.WrongUsage(
                $"there is no help on '{string.Join(' ', words)}'" + (Spelling.Nearest(word, known) is { } meant
                    ? $": did you mean '{meant}'?"
                    : $": topics are {string.Join(", ", HelpTopics.All.Select(t => t.Name))}; else name a command"));
        }

        return found;
    }
}

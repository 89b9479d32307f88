using System.CommandLine;
using Artel.Cli.Output;

namespace Artel.Cli.Commands;

/// <summary>All commands. Made anew for each command line: it costs less than a millisecond.</summary>
internal static class CommandTree
{
    /// <summary>Of this program, without build metadata.</summary>
    public static string Version { get; } = typeof(CommandTree).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>No response files: an argument may begin with '@'.</summary>
    public static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    /// <summary>Errors and signals are dealt with in <see cref="Program"/> and <see cref="Signals"/>.</summary>
    public static InvocationConfiguration Invoking(Terminal terminal) => new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
        Output = terminal.OutputWriter,
    };

    public static RootCommand Create(Surroundings s)
    {
        var root = new RootCommand("Artel: a cluster you start with one command. A server keeps jobs, nodes run them, results come back.");
        root.Add(s.Server);
        root.Add(s.Token);
        foreach (var command in Commands(s))
            root.Add(command);

        RefuseEmptyPaths(root);
        HelpPage.Install(root);
        return root;
    }

    /// <summary>An unset variable, as in <c>--to "$folder"</c>, is refused wherever a path is expected.</summary>
    private static void RefuseEmptyPaths(Command command)
    {
        foreach (var option in command.Options.Where(o => o.HelpName is "FILE" or "DIR"))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(t => t.Value.Length == 0))
                    result.AddError($"{option.Name} is empty: name a {(option.HelpName == "DIR" ? "folder" : "file")}");
            });
        }

        foreach (var subcommand in command.Subcommands)
            RefuseEmptyPaths(subcommand);
    }

    /// <summary>The words that lead to a command: <c>artel node start</c>.</summary>
    public static string PathOf(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "artel" : $"{PathOf(parent)} {command.Name}";
    }

    private static IEnumerable<Command> Commands(Surroundings s) =>
    [
        RunCommand.Create(s),
        UpCommand.Create(s),
        SubmitCommand.Create(s),
        ListCommand.Create(s),
        HistoryCommand.Create(s),
        ShowCommand.Create(s),
        LogsCommand.Create(s),
        WhyCommand.Create(s),
        StatsCommand.Create(s),
        FetchCommand.Create(s),
        WaitCommand.Create(s),
        ActionCommands.Cancel(s),
        ActionCommands.Retry(s),
        ActionCommands.Hold(s),
        ActionCommands.Release(s),
        SetCommand.Create(s),
        LimitCommands.Create(s),
        QuotaCommands.Create(s),
        EventsCommand.Create(s),
        UsageCommand.Create(s),
        AuditCommand.Create(s),
        TopCommand.Create(s),
        DashboardCommand.Create(s),
        ScheduleCommands.Create(s),
        NodeCommands.Create(s),
        ServerCommands.Create(s),
        TokenCommands.Create(s),
        MapCommands.Create(s),
        DoctorCommand.Create(s),
        CompletionCommand.Create(s),
        HelpCommand.Create(s),
        ReferenceCommand.Create(s),
    ];
}

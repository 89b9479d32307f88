using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Node;
using Artel.Node.Accounts;
using Artel.Protocol.Maps;

namespace Artel.Cli.Nodes;

/// <summary>The options of <c>node start</c> and <c>up</c> that say what a node has.</summary>
internal sealed class NodeOptions
{
    private readonly Option<int?> _cpus = Amounts.Thousandths("--cpus", "Cpus that tasks may occupy [all].");
    private readonly Option<long?> _memory = Amounts.Size("--memory", "Memory that tasks may occupy, such as 16GiB [all].");
    private readonly Option<int?> _gpus = Amounts.Thousandths("--gpus", "Gpus that tasks may occupy [all].");

    private readonly Option<bool> _noEnforceMemory = new("--no-enforce-memory")
    {
        Description = "Do not end a task that takes more memory than it asked for.",
    };

    private readonly Option<Dictionary<string, long>> _counters =
        Amounts.Numbers("--counter", "Something else that tasks may occupy, such as licence=3. May be given several times.", "NAME=N", "licence=3");

    private readonly Option<Dictionary<string, string>> _labels =
        Amounts.Pairs("--label", "A fact that tasks may require; os, arch and host are known. May be given several times.", "KEY=VALUE", "rack=4");

    private readonly Option<string?> _runAs = new("--run-as")
    {
        Description = $"Run tasks as this account, or with '{RunAsWord}' as the account that --accounts lists for each user. The agent must be started by root [as the agent].",
        HelpName = "ACCOUNT",
    };

    private readonly Option<string?> _accounts = new("--accounts")
    {
        Description = "A file of root's with lines USER = ACCOUNT, for '--run-as submitter'. Tasks of other users fail to start here.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _scratch = new("--scratch")
    {
        Description = $"Where the folder for scratch folders of tasks is created [in --data; with --run-as in {NodeAgentOptions.AccountScratch}].",
        HelpName = "DIR",
    };

    private const string RunAsWord = Artel.Node.Accounts.RunAs.Submitter;

    public void AddTo(Command command)
    {
        // Here and not when they are read: a wrong command line is refused before anything is started for it.
        _counters.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => CounterNames.IsReserved(t.Value.Split('=')[0])))
                result.AddError($"--counter: '{token.Value}' is no counter: write --{token.Value.Replace('=', ' ')}");
        });
        command.Add(_cpus);
        command.Add(_memory);
        command.Add(_gpus);
        command.Add(_counters);
        command.Add(_noEnforceMemory);
        command.Add(_labels);
        command.Add(_runAs);
        command.Add(_accounts);
        command.Add(_scratch);
    }

    public Dictionary<string, string> Labels(ParseResult parsed) => parsed.GetValue(_labels) ?? [];

    /// <summary>Whether a task that takes more memory than it asked for is ended.</summary>
    public bool EnforcesMemory(ParseResult parsed) => !parsed.GetValue(_noEnforceMemory);

    /// <summary>The folder for scratch folders, or null for the usual one.</summary>
    public string? Scratch(ParseResult parsed) => parsed.GetValue(_scratch) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>As which accounts tasks run; null: as the agent itself.</summary>
    /// <exception cref="CommandFailure">That cannot be done here.</exception>
    public RunAs? RunAs(ParseResult parsed)
    {
        var word = parsed.GetValue(_runAs);
        var accounts = parsed.GetValue(_accounts);
        if (word is null)
            return accounts is null ? null : throw CommandFailure.WrongUsage($"--accounts is for '--run-as {RunAsWord}'");

        if (word != RunAsWord && accounts is not null)
            throw CommandFailure.WrongUsage($"--run-as {word} and --accounts: give one account for all tasks, or '--run-as {RunAsWord}' with a list");

        if (word == RunAsWord && accounts is null)
            throw CommandFailure.WrongUsage($"--run-as {RunAsWord} needs --accounts FILE, which lists an account for each user");

        var runAs = accounts is null ? Artel.Node.Accounts.RunAs.Of(word, out var error) : Artel.Node.Accounts.RunAs.Submitters(accounts, out error);
        return runAs ?? throw CommandFailure.WrongUsage($"{(accounts is null ? "--run-as" : "--accounts")}: {error}");
    }

    /// <summary>What the machine has, which takes a moment to find out, and instead of that what was given by hand.</summary>
    public MachineResources Resources(ParseResult parsed)
    {
        var machine = MachineResources.Detect();
        var resources = machine.Amounts;
        resources.MilliCpus = parsed.GetValue(_cpus) ?? resources.MilliCpus;
        resources.MemoryBytes = parsed.GetValue(_memory) ?? resources.MemoryBytes;
        resources.MilliGpus = parsed.GetValue(_gpus) ?? resources.MilliGpus;
        resources.Counters.Add(parsed.GetValue(_counters) ?? []);
        return machine;
    }
}

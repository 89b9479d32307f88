using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Node;
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
    }

    public Dictionary<string, string> Labels(ParseResult parsed) => parsed.GetValue(_labels) ?? [];

    /// <summary>Whether a task that takes more memory than it asked for is ended.</summary>
    public bool EnforcesMemory(ParseResult parsed) => !parsed.GetValue(_noEnforceMemory);

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

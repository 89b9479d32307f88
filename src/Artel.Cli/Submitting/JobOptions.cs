using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>The options of <c>submit</c> and <c>run</c> that say what the job is.</summary>
internal sealed class JobOptions
{
    public static readonly string[] Usages = ["MAP [options]", "[options] -- CMD ARG…"];

    private readonly List<Option> _forCommand;

    public JobOptions(bool withHold)
    {
        WithHold = withHold;
        _forCommand = [Array, Retries, Backoff, RetryOn, NoRetryOn, AvoidSameNode, Exclusive, Cpus, Memory, Gpus, Timeout, Node, Labels, After, Env, Cwd, Stdin];
    }

    public Argument<string[]> Words { get; } = new("MAP")
    {
        Description = "A cluster map (YAML or JSON), or after '--' a command and its arguments.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string?> Name { get; } = new("--name") { Description = "Name of the job; else the map's, or the program's." };

    public Option<string?> Array { get; } = new("--array")
    {
        Description = "Run the command once for each of these indices, such as 1-1000 or 1-10:3,20. '{index}' in arguments, --env and --cwd becomes the index.",
        HelpName = "INDICES",
    };

    public Option<long> Retries { get; } = Commands.Amounts.Count("--retries", "How often a failed attempt is tried again.", 0, JobLimits.MaxRetries);

    public Option<TimeSpan?> Backoff { get; } = Commands.Amounts.Duration("--backoff", "Pause before the first retry, doubled before each further one [1s].");

    public Option<FailureSet?> RetryOn { get; } = Commands.Amounts.Failures(
        "--retry-on", "Try again only after these: exit statuses such as 7 or 100-120, signal, timeout, not-started. May be given several times.");

    public Option<FailureSet?> NoRetryOn { get; } = Commands.Amounts.Failures(
        "--no-retry-on", "Do not try again after these. May be given several times.");

    public Option<bool> AvoidSameNode { get; } = new("--avoid-same-node")
    {
        Description = "Try again on another node than those it failed on, while there is one that could run it.",
    };

    public Option<bool> Exclusive { get; } = new("--exclusive")
    {
        Description = "Never two processes of a task at once, even when the network is cut: a node that is not heard ends it in time.",
    };

    public Option<int?> Cpus { get; } = Commands.Amounts.Thousandths("--cpus", "Cpus that each task occupies, such as 2 or 0.5 [1].");

    public Option<long?> Memory { get; } = Commands.Amounts.Size("--memory", "Memory that each task occupies, such as 4GiB.");

    public Option<int?> Gpus { get; } = Commands.Amounts.Thousandths("--gpus", "Gpus that each task occupies.");

    public Option<TimeSpan?> Timeout { get; } = Commands.Amounts.Duration("--timeout", "End an attempt that takes longer, such as 90s or 1h30m.");

    public Option<long> Priority { get; } =
        Commands.Amounts.Count("--priority", "Higher goes first.", -JobLimits.MaxPriority, JobLimits.MaxPriority, 0);

    public Option<string?> Node { get; } = Commands.Amounts.NodeId("--node", "Only this node, its tasks one at a time.");

    public Option<Dictionary<string, string>> Labels { get; } =
        Commands.Amounts.Pairs("--label", "Only nodes with this label. May be given several times.", "KEY=VALUE");

    /// <summary>Known, so that its refusal can say what to do instead.</summary>
    public Option<string?> After { get; } = new("--after") { Hidden = true, HelpName = "JOB" };

    public Option<Dictionary<string, string>> Env { get; } =
        Commands.Amounts.Pairs("--env", "Set a variable for the command. May be given several times.", "KEY=VALUE");

    public Option<string?> Cwd { get; } = new("--cwd")
    {
        Description = "Working directory on the node [this one]; 'scratch' is a fresh one, removed afterwards.",
        HelpName = "DIR",
    };

    public Option<string?> Stdin { get; } = new("--stdin")
    {
        Description = "Give the command this file as its standard input; '-' is the standard input of artel.",
        HelpName = "FILE",
    };

    public Option<bool> Hold { get; } = new("--hold") { Description = "Submit, but start nothing until 'artel release'." };

    private bool WithHold { get; }

    public void AddTo(Command command)
    {
        command.Add(Words);
        command.Add(Name);
        command.Add(Priority);
        if (WithHold)
            command.Add(Hold);

        foreach (var option in _forCommand)
            command.Add(option);
    }

    /// <summary>Reads what the user asks to be done. A map with mistakes is told whole and fails here.</summary>
    public async Task<RequestedJob> ReadAsync(ParseResult parsed, Commands.Surroundings s, CancellationToken ct)
    {
        var words = parsed.GetValue(Words) ?? [];
        var dashes = parsed.Tokens.Select((token, at) => (token, at)).FirstOrDefault(t => t.token.Type == TokenType.DoubleDash);
        var ofCommand = dashes.token is null ? 0 : parsed.Tokens.Count - dashes.at - 1;
        var before = words[..^ofCommand];
        if (parsed.GetResult(After) is not null)
            throw CommandFailure.WrongUsage("--after: jobs can not wait for other jobs yet: put both into one map and write 'after:' there");

        if (dashes.token is not null)
        {
            if (before.Length > 0)
                throw CommandFailure.WrongUsage($"give a map ({before[0]}) or a command after '--', not both");

            if (ofCommand == 0)
                throw CommandFailure.WrongUsage("nothing follows '--': write the command there");

            return new RequestedJob(Finish(CommandJob.Build(this, parsed, words, s), parsed), null, "command");
        }

        if (words.Length != 1)
        {
            throw CommandFailure.WrongUsage(words.Length == 0
                ? "give a map, or '--' and a command: artel run map.yaml, artel run -- echo hello"
                : $"'{words[0]} {words[1]} …' is no map: write '--' before a command");
        }

        foreach (var option in _forCommand)
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw CommandFailure.WrongUsage($"{option.Name} is for a command after '--'; in a map write it there");
        }

        var job = await MapFile.ReadAsync(words[0], s.Terminal, ct);
        return new RequestedJob(Finish(job, parsed), words[0], "map");
    }

    private JobSpec Finish(JobSpec job, ParseResult parsed)
    {
        if (parsed.GetValue(Name) is { Length: > 0 } name)
            job.Name = name;

        if (parsed.GetResult(Priority) is { Implicit: false })
            job.Priority = (int)parsed.GetValue(Priority);

        if (WithHold && parsed.GetValue(Hold))
            job.Hold = true;

        var mistakes = JobSpecs.ValidateSpec(job);
        return mistakes.Count == 0 ? job : throw CommandFailure.WrongUsage($"{mistakes[0].Problem}: {mistakes[0].Remedy}");
    }
}

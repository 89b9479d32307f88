using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>The options of <c>submit</c> and <c>run</c> that say what the job is.</summary>
internal sealed class JobOptions
{
    public static readonly string[] Usages = ["MAP [options]", "[options] -- CMD ARG… [::: VALUE…]", "SCRIPT [options] [-- ARG…]"];

    private readonly List<Option> _forJob;
    private readonly List<Option> _forCommand;

    /// <param name="withHold">Whether it can be held.</param>
    /// <param name="comesAgain">Of a job that is submitted again and again: what is about one moment or one job is only known to be refused with a reason.</param>
    public JobOptions(bool withHold, bool comesAgain = false)
    {
        WithHold = withHold;
        foreach (var option in new Option[] { StartAt, Deadline, After, AfterAny })
            option.Hidden = comesAgain;

        _forJob = [Name, Priority, .. withHold ? new Option[] { Hold } : [], StartAt, Deadline, MaxFails, FailFast, After, AfterAny, Tags, Limits];
        _forCommand =
        [
            Array, EachLine, Null, FromJson, AtOnce, Retries, Backoff, RetryOn, NoRetryOn, AvoidSameNode, Exclusive,
            Cpus, Pin, Memory, Gpus, Counters, Timeout, OutputLimit, Node,
            Labels, Prefer, Env, EnvFiles, InheritEnv, Cwd, Stdin,
        ];
    }

    public Argument<string[]> Words { get; } = new("MAP")
    {
        Description = "A cluster map (YAML or JSON), a script (docs/scripts.md), '-' for either on standard input, or after '--' a command and its arguments.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string?> Name { get; } = new("--name") { Description = "Name of the job; else the map's, or the program's." };

    public Option<string?> Array { get; } = new("--array")
    {
        Description = "Run the command once for each of these indices, such as 1-1000, 1-10:3,20 or 1-1000%50 (50 at once). '{index}' in arguments, --env and --cwd becomes the index.",
        HelpName = "INDICES",
    };

    public Option<string?> EachLine { get; } = new("--each-line")
    {
        Description = "Run the command once for each line of this file ('-' is standard input). '{entry}' in arguments, --env and --cwd becomes the line.",
        HelpName = "FILE",
    };

    public Option<bool> Null { get; } = new("--null", "-0")
    {
        Description = "What --each-line and '::::' read ends with a NUL byte instead of a line end, as 'find -print0' writes it.",
    };

    public Option<string?> FromJson { get; } = new("--from-json")
    {
        Description = "Run the command once for each element of the JSON array in this file. '{entry.key}' becomes a member of it.",
        HelpName = "FILE",
    };

    public Option<long> AtOnce { get; } = Commands.Amounts.Count("--at-once", "At most so many tasks of the job at the same time [no limit].", 1, JobLimits.MaxAtOnce);

    public Option<long> Retries { get; } = Commands.Amounts.Count("--retries", "How often a failed attempt is tried again.", 0, JobLimits.MaxRetries);

    public Option<TimeSpan?> Backoff { get; } = Commands.Amounts.Duration("--backoff", "Pause before the first retry, doubled before each further one [1s].");

    public Option<FailureSet?> RetryOn { get; } = Commands.Amounts.Failures(
        "--retry-on", "Try again only after these: exit statuses such as 7 or 100-120, signal, timeout, not-started, out-of-memory. May be given several times.");

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

    public Option<long?> OutputLimit { get; } = Commands.Amounts.Size(
        "--output-limit",
        "Keep at most this much of each output stream of a task, from its beginning, such as 1GiB [64MiB].");

    public Option<long> Priority { get; } =
        Commands.Amounts.Count("--priority", "Higher goes first.", -JobLimits.MaxPriority, JobLimits.MaxPriority, 0);

    public Option<bool> Pin { get; } = new("--pin") { Description = "Run each attempt on cpus of its own: as many as --cpus, rounded up." };

    public Option<Dictionary<string, long>> Counters { get; } = Commands.Amounts.Numbers(
        "--resource", "Things of your own that each task occupies, which nodes have a number of. May be given several times.", "NAME=N", "licence=1");

    public Option<string?> Node { get; } = Commands.Amounts.NodeId("--node", "Only this node, its tasks one at a time, or --at-once many.");

    public Option<Dictionary<string, string>> Labels { get; } =
        Commands.Amounts.Pairs("--label", "Only nodes with this label. May be given several times.", "KEY=VALUE", "rack=4");

    public Option<Dictionary<string, string>> Prefer { get; } = Commands.Amounts.Pairs(
        "--prefer", "Rather nodes with this label; others too. May be given several times.", "KEY=VALUE", "rack=4");

    public Option<string[]> After { get; } = Commands.Amounts.Words(
        "--after", "Start when this job, or task of one, has succeeded; 'last' is your newest job. May be given several times.", "JOB[.TASK]");

    public Option<string[]> AfterAny { get; } = Commands.Amounts.Words("--after-any", "Start when it has ended, however it did.", "JOB[.TASK]");

    public Option<string?> StartAt { get; } = new("--start-at")
    {
        Description = "Start nothing before: 2026-03-01T08:00:00Z, or a duration from now, +2h.",
        HelpName = "TIME",
    };

    public Option<string?> Deadline { get; } = new("--deadline") { Description = "Cancel what has not ended by then; written as --start-at is.", HelpName = "TIME" };

    public Option<long> MaxFails { get; } = Commands.Amounts.Count("--max-fails", "When more tasks than this have failed, cancel the others.", 0, int.MaxValue);

    public Option<bool> FailFast { get; } = new("--fail-fast") { Description = "When a task has failed, cancel the others; as --max-fails 0." };

    public Option<string[]> Tags { get; } = Commands.Amounts.Words("--tag", "A word by which the job is found and limits count. May be given several times.", "TAG");

    public Option<Dictionary<string, long>> Limits { get; } = Commands.Amounts.Numbers(
        "--limit", "At most N tasks with this tag at the same time, in the whole cluster. May be given several times.", "TAG=N", "db=4");

    public Option<Dictionary<string, string>> Env { get; } =
        Commands.Amounts.Pairs("--env", "Set a variable for the command. May be given several times.", "KEY=VALUE", "MODE=fast");

    public Option<string[]> EnvFiles { get; } = Commands.Amounts.Words("--env-file", "Set the variables of this file, a KEY=VALUE a line.", "FILE");

    public Option<string?> InheritEnv { get; } = new("--inherit-env")
    {
        Description = "Set the variables that are set here: all but Artel's own, or only these, such as PATH,HOME.",
        HelpName = "NAMES",
        Arity = ArgumentArity.ZeroOrOne,
    };

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

    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Submit nothing: print the job as a map that makes the same job." };

    public bool WithHold { get; }

    /// <summary>The options that a script may hold.</summary>
    public IEnumerable<Option> OfScripts => _forJob.Concat(_forCommand);

    public void AddTo(Command command)
    {
        command.Add(Words);
        foreach (var option in _forJob.Concat(_forCommand))
            command.Add(option);

        command.Add(DryRun);
    }

    /// <summary>With --dry-run: prints the job, and gives true.</summary>
    public bool IsOnlyPrinted(ParseResult parsed, JobSpec job, Output.Terminal terminal)
    {
        if (!parsed.GetValue(DryRun))
            return false;

        terminal.Print(MapWriter.Write(job).TrimEnd('\n'));
        return true;
    }

    /// <summary>Reads what the user asks to be done. A map with mistakes is told whole and fails here.</summary>
    public async Task<RequestedJob> ReadAsync(ParseResult parsed, Commands.Surroundings s, CancellationToken ct)
    {
        var words = parsed.GetValue(Words) ?? [];
        var dashes = parsed.Tokens.Select((token, at) => (token, at)).FirstOrDefault(t => t.token.Type == TokenType.DoubleDash);
        var ofCommand = dashes.token is null ? 0 : parsed.Tokens.Count - dashes.at - 1;
        var before = words[..^ofCommand];
        var command = words[^ofCommand..];
        var now = s.Clock.GetUtcNow();
        var isFile = before.Length == 1 && SourceFile.Exists(before[0]);
        var source = isFile ? await SourceFile.ReadAsync(before[0], ct) : null;
        if (source is not null && ScriptFile.Of(source) is { } script)
        {
            var (lines, warnings) = ScriptHead.Read(script, this, s.Clock);
            foreach (var warning in warnings)
                s.Terminal.Warn(warning);

            var answers = new JobAnswers([parsed, .. lines]);
            return await FinishAsync(ScriptJob.Build(script, this, answers, command), null, "script", answers);
        }

        if (before.Length > 0 && StrayOption(before) is { } stray)
            throw CommandFailure.WrongUsage(Commands.Misuse.OfOption(stray, parsed.CommandResult.Command));

        var said = new JobAnswers([parsed]);
        if (dashes.token is not null)
        {
            if (before.Length > 0)
                throw CommandFailure.WrongUsage($"give a map ({before[0]}) or a command after '--', not both");

            if (ofCommand == 0)
                throw CommandFailure.WrongUsage("nothing follows '--': write the command there");

            return await FinishAsync(CommandJob.Build(this, said, words), null, "command", said);
        }

        if (words.Length != 1)
        {
            throw CommandFailure.WrongUsage(words.Length == 0
                ? "give a map, or '--' and a command: artel run map.yaml, artel run -- echo hello"
                : $"'{words[0]} {words[1]} …' is no map: write '--' before a command, or before the arguments of a script");
        }

        foreach (var option in _forCommand)
        {
            if (said.Has(option))
                throw CommandFailure.WrongUsage($"{option.Name} is for a command after '--'; in a map write it there");
        }

        source ??= await SourceFile.ReadAsync(words[0], ct);
        return await FinishAsync(MapFile.Read(source, s.Terminal, s.Clock), words[0], "map", said);

        async Task<RequestedJob> FinishAsync(JobSpec job, string? map, string kind, JobAnswers answers)
        {
            if (answers.Has(InheritEnv))
                Running.TemporaryFolder.Mention(s.Terminal);

            JobTerms.Apply(this, answers, job, now);
            await JobTerms.AddDependenciesAsync(this, answers, job, async () => await NewestJob.FindAsync(await s.ConnectAsync(parsed, ct), ct));
            var mistakes = JobSpecs.ValidateSpec(job);
            return mistakes.Count == 0
                ? new RequestedJob(job, map, kind)
                : throw CommandFailure.WrongUsage(mistakes[0].Problem + (mistakes[0].Remedy.Length == 0 ? "" : ": " + mistakes[0].Remedy));
        }
    }

    /// <summary>
    /// A word that was meant as an option and is none. Behind a word that is no file it belongs to a command that lacks its '--'.
    /// </summary>
    private static string? StrayOption(string[] words) =>
        words[0] is ['-', _, ..] || File.Exists(words[0]) ? words.FirstOrDefault(w => w is ['-', _, ..]) : null;
}

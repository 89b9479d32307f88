using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Whether a command may be told to take all jobs.</summary>
internal enum TakesAll
{
    No,

    /// <summary>It changes nothing, or nothing that can not be changed back.</summary>
    Yes,

    /// <summary>Only with <c>--yes</c>.</summary>
    Confirmed,
}

/// <summary>How a command is told which jobs and tasks it is about: by name, or by a filter in their place. One for each command.</summary>
internal sealed class JobSelection
{
    private readonly Argument<TaskSelector[]> _named;
    private readonly JobFilterOptions _filter = new(ownByDefault: true);
    private readonly Option<string[]> _states;
    private readonly Option<bool> _all = new("--all") { Description = "All jobs that it could be about; yours, unless --user says otherwise." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do it without asking: to all, and to the jobs of others." };
    private readonly bool _several;
    private readonly bool _ofTasks;

    private JobSelection(Argument<TaskSelector[]> named, bool several, bool ofTasks, string states)
    {
        _named = named;
        _several = several;
        _ofTasks = ofTasks;
        _states = StateOptions.JobsOrTasks(states, ofTasks);
    }

    /// <summary>States of the jobs that a filter finds where <c>--state</c> is not given. Empty: any.</summary>
    private IReadOnlyList<JobState> Default { get; init; } = [];

    private TakesAll All { get; init; }

    private bool Acts { get; init; }

    /// <summary>One job.</summary>
    public static JobSelection OneJob(Surroundings s) => new(SelectorArguments.Job(s), several: false, ofTasks: false, "Only jobs in this state");

    /// <summary>One job, or tasks of it.</summary>
    public static JobSelection OneJobOrTasks(Surroundings s) =>
        new(SelectorArguments.JobOrTasks(s), several: false, ofTasks: true, "With a job: only its tasks in this state. Else: only jobs in this state");

    /// <param name="s">For completions.</param>
    /// <param name="states">Of the jobs that a filter finds, unless <c>--state</c> says otherwise.</param>
    /// <param name="all">Whether there is <c>--all</c>.</param>
    /// <param name="acts">Whether the command changes jobs.</param>
    public static JobSelection Jobs(Surroundings s, IReadOnlyList<JobState> states, TakesAll all, bool acts = true) =>
        new(SelectorArguments.Jobs(s), several: true, ofTasks: false, $"Only jobs in this state [{Join(states)}]") { Default = states, All = all, Acts = acts };

    /// <inheritdoc cref="Jobs"/>
    public static JobSelection JobsOrTasks(Surroundings s, IReadOnlyList<JobState> states, TakesAll all) =>
        new(SelectorArguments.JobsOrTasks(s), several: true, ofTasks: true, $"With jobs: only their tasks in this state. Else: only jobs in this state [{Join(states)}]")
        {
            Default = states,
            All = all,
            Acts = true,
        };

    public void AddTo(Command command)
    {
        command.Add(_named);
        _filter.AddTo(command);
        command.Add(_states);
        if (All != TakesAll.No)
            command.Add(_all);

        if (Acts)
            command.Add(_yes);
    }

    /// <summary>What was asked for, checked as far as that goes without the cluster.</summary>
    /// <exception cref="CommandFailure">It says nothing, or too much at once.</exception>
    public JobChoice Read(ParseResult parsed)
    {
        var named = parsed.GetValue(_named) ?? [];
        var words = parsed.GetValue(_states) ?? [];
        var all = All != TakesAll.No && parsed.GetValue(_all);
        if (named.Length > 0)
        {
            if (_filter.IsGiven(parsed) || all)
                throw CommandFailure.WrongUsage($"'{named[0]}' and {(all ? "--all" : "a filter")}: name what is meant, or filter for it, not both");

            if (words.Length > 0 && !_ofTasks)
                throw CommandFailure.WrongUsage($"--state filters jobs: leave out '{named[0]}'");

            return new JobChoice { Named = named, TaskStates = StateOptions.TaskStates(words) };
        }

        if (!_filter.IsGiven(parsed) && words.Length == 0 && !all)
            throw CommandFailure.WrongUsage($"{_named.Name} is missing: {HelpPage.UsageOf(parsed.CommandResult.Command)}");

        var states = StateOptions.JobStates(words);
        return new JobChoice
        {
            Filter = _filter.Read(parsed) with { States = states.Count > 0 ? states : Default },
            OnlyNewest = !_several,
            NeedsConsent = all && All == TakesAll.Confirmed && !parsed.GetValue(_yes),
            Acts = Acts,
            IsSure = Acts && parsed.GetValue(_yes),
        };
    }

    private static string Join(IEnumerable<JobState> states) => string.Join(",", states.Select(StateWords.Of));
}

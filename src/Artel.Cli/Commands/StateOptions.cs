using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>--state</c>, in the words that listings show.</summary>
internal static class StateOptions
{
    private static readonly Dictionary<string, JobState> OfJobs = WordsOf(JobState.Unspecified, StateWords.Of);
    private static readonly Dictionary<string, TaskState> OfTasks = WordsOf(TaskState.Unspecified, StateWords.Of);

    /// <summary>Words of jobs' states.</summary>
    public static Option<string[]> Jobs() => Create("Only jobs in this state", OfJobs.Keys);

    /// <summary>Words of the states in which a job has ended.</summary>
    public static Option<string[]> EndedJobs() => Create("Only jobs in this state", [.. OfJobs.Where(o => JobText.HasEnded(o.Value)).Select(o => o.Key)]);

    /// <summary>Words of tasks' states, among which all of jobs' are: which are meant is known only with the rest of the command line.</summary>
    public static Option<string[]> JobsOrTasks(string description, bool ofTasks) => Create(description, ofTasks ? OfTasks.Keys : OfJobs.Keys);

    /// <exception cref="CommandFailure">One of them is a state of tasks only.</exception>
    public static IReadOnlyList<JobState> JobStates(IEnumerable<string>? words) =>
    [
        .. (words ?? []).Select(w => OfJobs.TryGetValue(w, out var state)
            ? state
            : throw CommandFailure.WrongUsage($"--state: '{w}' is no state of a job: {string.Join(", ", OfJobs.Keys)}")).Distinct(),
    ];

    public static IReadOnlyList<TaskState> TaskStates(IEnumerable<string>? words) => [.. (words ?? []).Select(w => OfTasks[w]).Distinct()];

    private static Option<string[]> Create(string description, IReadOnlyCollection<string> known)
    {
        var words = string.Join(", ", known);
        var option = new Option<string[]>("--state")
        {
            Description = $"{description}: {words}. May be given several times.",
            HelpName = "STATE",
            CustomParser = result => Read(result, known, words),
        };
        option.CompletionSources.Add([.. known]);
        return option;
    }

    private static Dictionary<string, TState> WordsOf<TState>(TState unspecified, Func<TState, string> word)
        where TState : struct, Enum =>
        Enum.GetValues<TState>().Where(v => !v.Equals(unspecified)).ToDictionary(word);

    private static string[] Read(ArgumentResult result, IReadOnlyCollection<string> known, string words)
    {
        var read = new List<string>();
        foreach (var word in result.Tokens.SelectMany(t => t.Value.Split(',')))
        {
            if (known.Contains(word))
                read.Add(word);
            else
                result.AddError($"--state: '{word}' is none of {words}");
        }

        return [.. read];
    }
}

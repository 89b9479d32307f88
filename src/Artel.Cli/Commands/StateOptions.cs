using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>--state</c>, in the words that listings show.</summary>
internal static class StateOptions
{
    public static Option<JobState[]> Jobs() => Create("Only jobs in this state", JobState.Unspecified, StateWords.Of);

    public static Option<TaskState[]> Tasks() => Create("Only tasks in this state", TaskState.Unspecified, StateWords.Of);

    private static Option<TState[]> Create<TState>(string description, TState unspecified, Func<TState, string> word)
        where TState : struct, Enum
    {
        var states = Enum.GetValues<TState>().Where(v => !v.Equals(unspecified)).ToDictionary(word);
        var words = string.Join(", ", states.Keys);
        var option = new Option<TState[]>("--state")
        {
            Description = $"{description}: {words}. May be given several times.",
            HelpName = "STATE",
            CustomParser = result => Read(result, states, words),
        };
        option.CompletionSources.Add([.. states.Keys]);
        return option;
    }

    private static TState[] Read<TState>(ArgumentResult result, Dictionary<string, TState> states, string words)
    {
        var read = new List<TState>();
        foreach (var token in result.Tokens)
        {
            foreach (var word in token.Value.Split(','))
            {
                if (states.TryGetValue(word, out var state))
                    read.Add(state);
                else
                    result.AddError($"--state: '{word}' is none of {words}");
            }
        }

        return [.. read];
    }
}

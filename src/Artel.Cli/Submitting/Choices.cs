using System.CommandLine;

namespace Artel.Cli.Submitting;

/// <summary>Options whose value is one of a few words.</summary>
internal static class Choices
{
    public static Option<T> Of<T>(string name, string description, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = "WHICH",
            CustomParser = result =>
            {
                if (words.TryGetValue(result.Tokens[^1].Value, out var found))
                    return found;

                result.AddError($"{name}: '{result.Tokens[^1].Value}' is none of {string.Join(", ", words.Keys)}");
                return default;
            },
        };
        option.CompletionSources.Add([.. words.Keys]);
        return option;
    }
}

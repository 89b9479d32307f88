using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Artel.Cli.Selecting;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary>Options that are numbers, durations, sizes and key=value pairs. A wrong value is refused with what would be right.</summary>
internal static class Amounts
{
    /// <summary>A whole number.</summary>
    public static Option<long> Count(string name, string description, long min, long max, long? byDefault = null) => new(name)
    {
        Description = byDefault is null ? description : $"{description} [{byDefault}]",
        HelpName = "N",
        DefaultValueFactory = _ => byDefault ?? 0,
        CustomParser = result =>
        {
            var text = Text(result);
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
                return value;

            var range = max == long.MaxValue ? $"{min} or more" : $"{min} to {max}";
            result.AddError($"{name}: '{text}' is no whole number of {range}: write one like {Math.Clamp(byDefault ?? 10, Math.Max(min, 1), max)}");
            return 0;
        },
    };

    /// <summary>Thousandths of something that is given as <c>2</c> or <c>0.5</c>; null where it is not given.</summary>
    public static Option<int?> Thousandths(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (Protocol.Maps.Thousandths.TryParse(Text(result), out var value, out var error))
                return value;

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    /// <summary>Bytes, given as <c>512MiB</c>; null where it is not given.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            if (Sizes.TryParse(Text(result), out var value, out var error))
                return value;

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    /// <summary>The word that removes a limit.</summary>
    public const string None = "none";

    /// <summary>A limit on time, which <see cref="None"/> removes: zero. Null if it is not given.</summary>
    public static Option<TimeSpan?> DurationOrNone(string name, string description)
    {
        var option = Duration(name, description);
        var parse = option.CustomParser!;
        option.CustomParser = result => Text(result) == None ? TimeSpan.Zero : parse(result);
        return option;
    }

    /// <summary>A limit on a number from 1, which <see cref="None"/> removes: 0.</summary>
    public static Option<long> CountOrNone(string name, string description, long max)
    {
        var option = Count(name, description, 1, max);
        var parse = option.CustomParser!;
        option.CustomParser = result => Text(result) == None ? 0 : parse(result);
        return option;
    }

    /// <summary>Given as <c>90s</c> or <c>1h30m</c>; null if it is not given.</summary>
    /// <param name="least">Not set: 1 ms.</param>
    /// <param name="most">Not set: <see cref="JobLimits.MaxDuration"/>.</param>
    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan? least = null, TimeSpan? most = null) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            var (from, to) = (least ?? TimeSpan.FromMilliseconds(1), most ?? JobLimits.MaxDuration);
            if (Durations.TryParse(Text(result), from, to, out var value, out var error))
                return value;

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    /// <summary><c>KEY=VALUE</c>, any number of times; the last one of a key counts.</summary>
    public static Option<Dictionary<string, string>> Pairs(string name, string description, string helpName, string example) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var token in result.Tokens)
            {
                var equals = token.Value.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    pairs[token.Value[..equals]] = token.Value[(equals + 1)..];
                else
                    result.AddError($"{name}: '{token.Value}' is no pair: write {helpName}, such as {example}");
            }

            return pairs;
        },
    };

    /// <summary><c>NAME=N</c>, any number of times, N from 0; the last one of a name counts.</summary>
    public static Option<Dictionary<string, long>> Numbers(string name, string description, string helpName, string example) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var pairs = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var token in result.Tokens)
            {
                var equals = token.Value.LastIndexOf('=');
                if (equals > 0 && int.TryParse(token.Value.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    pairs[token.Value[..equals]] = number;
                else
                    result.AddError($"{name}: '{token.Value}' is no pair with a whole number: write {helpName}, such as {example}");
            }

            return pairs;
        },
    };

    /// <summary>A word, any number of times.</summary>
    public static Option<string[]> Words(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Ways to fail, given as <c>7,100-120,signal</c>, any number of times; null where it is not given.</summary>
    public static Option<FailureSet?> Failures(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "HOW",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            var set = new FailureSet();
            foreach (var token in result.Tokens)
            {
                if (!FailureSets.TryAdd(set, token.Value, out var error))
                    result.AddError($"{name}: {error}");
            }

            return set;
        },
    };

    /// <summary>The id of a node, as an option.</summary>
    public static Option<string?> NodeId(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        CustomParser = result => CheckedNodeId(result, name),
    };

    /// <summary>The id of a node, as an argument.</summary>
    public static Argument<string> NodeId(Surroundings s)
    {
        var id = new Argument<string>("ID") { Description = "Id of the node.", CustomParser = result => CheckedNodeId(result, "ID") ?? "" };
        id.CompletionSources.Add(context => LiveCompletions.Nodes(s, context));
        return id;
    }

    /// <summary>Ids of nodes, as an argument.</summary>
    public static Argument<string[]> SeveralNodeIds(Surroundings s)
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = "Ids of nodes.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                string[] ids = [.. result.Tokens.Select(t => t.Value)];
                if (ids.FirstOrDefault(id => !NodeIds.IsValid(id)) is { } wrong)
                    result.AddError($"ID: '{wrong}' is no node id: {NodeIds.Rule}");

                return ids;
            },
        };
        ids.CompletionSources.Add(context => LiveCompletions.Nodes(s, context));
        return ids;
    }

    private static string? CheckedNodeId(ArgumentResult result, string name)
    {
        var id = Text(result);
        if (NodeIds.IsValid(id))
            return id;

        result.AddError($"{name}: '{id}' is no node id: {NodeIds.Rule}");
        return null;
    }

    private static string Text(ArgumentResult result) => result.Tokens[^1].Value;
}

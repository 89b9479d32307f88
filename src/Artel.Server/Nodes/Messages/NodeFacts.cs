using System.Collections.Immutable;
using Artel.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes.Messages;

/// <summary>What a node says it is and has: resources and labels, by which tasks are placed, so that nothing of them may be cut.</summary>
internal static class NodeFacts
{
    public static Resources Resources(V1.Hello hello)
    {
        if (hello.Resources is not { } given)
        {
            return Core.Resources.None;
        }

        if (given.MilliCpus is < 0 or > NodeLimits.MaxMilli || given.MilliGpus is < 0 or > NodeLimits.MaxMilli || given.MemoryBytes is < 0 or > NodeLimits.MaxAmount)
        {
            throw new MalformedMessageException(
                $"Hello.resources are out of range: 0 to {NodeLimits.MaxMilli} thousandths of cpus and gpus, 0 to {NodeLimits.MaxAmount} bytes of memory");
        }

        Count("counters", given.Counters.Count, given.Counters.Keys.Sum(k => (long)k.Length));
        foreach (var (name, amount) in given.Counters)
        {
            Key("counter", name);
            if (amount is < 0 or > NodeLimits.MaxAmount)
            {
                throw new MalformedMessageException($"counter {name} is {amount}: 0 to {NodeLimits.MaxAmount}");
            }
        }

        return new Resources(given.MilliCpus, given.MemoryBytes, given.MilliGpus, Wire.SpecReader.Read(given.Counters));
    }

    public static ImmutableArray<Label> Labels(V1.Hello hello)
    {
        Count("labels", hello.Labels.Count, hello.Labels.Sum(l => (long)l.Key.Length + l.Value.Length));
        foreach (var (key, value) in hello.Labels)
        {
            Key("label", key);
            if (value.Length > NodeLimits.MaxValue || !NodeText.IsLine(value))
            {
                throw new MalformedMessageException($"the value of label {key} is not one line of at most {NodeLimits.MaxValue} characters");
            }
        }

        return [.. hello.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => new Label(l.Key, l.Value))];
    }

    private static void Count(string what, int count, long characters)
    {
        if (count > NodeLimits.MaxFacts || characters > NodeLimits.MaxFactsText)
        {
            throw new MalformedMessageException(
                $"{count} {what} with {characters} characters: at most {NodeLimits.MaxFacts} with {NodeLimits.MaxFactsText} characters together");
        }
    }

    private static void Key(string what, string key)
    {
        if (key.Length is 0 or > NodeLimits.MaxKey || !NodeText.IsLine(key))
        {
            throw new MalformedMessageException($"{what} '{NodeText.CleanLine(key, NodeLimits.MaxKey)}' is not one line of 1 to {NodeLimits.MaxKey} characters");
        }
    }
}

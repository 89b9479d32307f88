using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Tasks of a job by number, both ends included.</summary>
internal readonly record struct TaskSpan(int First, int Last)
{
    public TaskRange ToWire() => new() { First = First, Last = Last };

    /// <summary>Numbers in order as few spans as they make.</summary>
    public static IReadOnlyList<TaskSpan> Of(IEnumerable<int> numbers)
    {
        var spans = new List<TaskSpan>();
        foreach (var number in numbers)
        {
            if (spans.Count > 0 && spans[^1].Last + 1 == number)
                spans[^1] = spans[^1] with { Last = number };
            else
                spans.Add(new TaskSpan(number, number));
        }

        return spans;
    }

    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Consecutive tasks of a job, from the number <paramref name="First"/> on.</summary>
internal readonly record struct TaskSpan(int First, int Count)
{
    public int Last => First + Count - 1;

    public bool Contains(TaskSpan other) => First <= other.First && other.Last <= Last;

    /// <summary>A range of so many tasks that begins near a number, moved to where there are tasks.</summary>
    public static TaskSpan Within(long first, long count, int total)
    {
        count = Math.Clamp(count, 1, Math.Max(1, total));
        return new TaskSpan((int)Math.Clamp(first, 1, Math.Max(1, total) - count + 1), (int)count);
    }

    public override string ToString() =>
        Count == 1 ? FormattableString.Invariant($"{First:N0}") : FormattableString.Invariant($"{First:N0}–{Last:N0}");
}

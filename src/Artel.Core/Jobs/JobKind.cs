namespace Artel.Core;

/// <summary>Jobs of one task that are likely to be alike: of the same user and name. Each by itself would never show how long its like takes.</summary>
internal sealed class JobKind
{
    /// <summary>How long its tasks take; negative before the first has ended.</summary>
    public long TypicalTicks { get; private set; } = -1;

    /// <summary>Up at once, down by and by: a name such as "python" stands for many things, and nothing is to wait behind a long one.</summary>
    public void Learn(long ticks) => TypicalTicks = ticks >= TypicalTicks ? ticks : TypicalTicks + ((ticks - TypicalTicks) / 8);
}

/// <summary>The kinds of jobs that were seen of late.</summary>
internal sealed class JobKinds
{
    /// <summary>With more, all are forgotten; what is needed is known again after one task.</summary>
    private const int Most = 1000;

    private readonly Dictionary<(string User, string Name), JobKind> _kinds = [];

    /// <returns>Null for a job of several tasks: it learns from its own.</returns>
    public JobKind? Of(JobSpec job)
    {
        if (job.TaskCount != 1)
        {
            return null;
        }

        if (!_kinds.TryGetValue((job.User, job.Name), out var kind))
        {
            if (_kinds.Count == Most)
            {
                _kinds.Clear();
            }

            _kinds[(job.User, job.Name)] = kind = new JobKind();
        }

        return kind;
    }
}

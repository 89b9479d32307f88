namespace Artel.Core.Tests;

/// <summary>The progress of a task, according to the changes that were stored.</summary>
internal enum WatchedPlace
{
    Never,
    Live,
    Tried,
    Over,
}

/// <summary>What <see cref="ChangeWatch"/> knows of a job.</summary>
internal sealed class WatchedJob
{
    public WatchedJob(JobSpec spec)
    {
        Spec = spec;
        for (var task = 1; task <= spec.TaskCount; task++)
        {
            Tasks[task] = new WatchedTask();
        }
    }

    public JobSpec Spec { get; set; }

    public SortedDictionary<int, WatchedTask> Tasks { get; } = [];

    public bool Held { get; set; }

    public bool HadShort { get; set; }

    /// <summary>Not any more once it was retried by hand after its end.</summary>
    public bool WaitsForOthers { get; set; } = true;

    /// <summary>More of its tasks failed than may: nothing starts until some are retried by hand.</summary>
    public bool GaveUp { get; set; }

    /// <summary>For each of its ends, whether all had succeeded.</summary>
    public List<bool> Ends { get; } = [];

    public JobState? Ended { get; set; }

    public TemplateSpec TemplateOf(int task) => Spec.Templates.Last(t => t.FirstTask <= task);
}

/// <summary>What <see cref="ChangeWatch"/> knows of a task.</summary>
internal sealed class WatchedTask
{
    public WatchedPlace Place { get; set; }

    public TaskState State { get; set; } = TaskState.Ready;

    public int Attempts { get; set; }

    public int Failures { get; set; }

    public int Losses { get; set; }

    public NodeId? LostWith { get; set; }

    /// <summary>For each of its ends, whether it had succeeded.</summary>
    public List<bool> Ends { get; } = [];

    /// <summary>Nodes that it is to avoid, because it failed there.</summary>
    public HashSet<NodeId> FailedOn { get; } = [];

    /// <summary>Nodes that it is to avoid, because it could not be started there.</summary>
    public HashSet<NodeId> NotStartedOn { get; } = [];

    public bool Avoids(NodeId node) => FailedOn.Contains(node) || NotStartedOn.Contains(node);

    /// <summary>True if it was in the queue of a node that was lost, so that any node may run it now.</summary>
    public bool Stray { get; set; }

    public DateTimeOffset? NotBefore { get; set; }
}

using Artel.Protocol.Client;

namespace Artel.Protocol.Maps;

/// <summary>The bounds of a job, in one place: the rules refuse what is outside, the docs and the schema name the same numbers.</summary>
public static class JobLimits
{
    /// <summary>Tasks of one job, arrays counted by their indices.</summary>
    public const int MaxTasks = 20_000_000;

    /// <summary>Largest index of an array. Below 2^53, so every JSON reader keeps it exactly.</summary>
    public const long MaxIndex = 1_000_000_000_000_000;

    /// <summary>Ranges of one array.</summary>
    public const int MaxRanges = 100_000;

    /// <summary>Text of one map.</summary>
    public const int MaxMapBytes = 16 * 1024 * 1024;

    /// <summary>Standard input of one task.</summary>
    public const int MaxStdinBytes = 16 * 1024 * 1024;

    /// <summary>A job on the wire: what fits into one message, with room for the request around it.</summary>
    public const int MaxJobBytes = ClusterChannel.MaxMessageBytes - (1024 * 1024);

    /// <summary>One entry: the task gets it in a variable, and Linux takes at most 128 KiB there.</summary>
    public const int MaxEntryBytes = 64 * 1024;

    /// <summary>Axes of one task.</summary>
    public const int MaxAxes = 32;

    /// <summary>Tags of a job, and of a task.</summary>
    public const int MaxTags = 32;

    public const int MaxTagLength = 64;

    /// <summary>Limits of tags that one job may set.</summary>
    public const int MaxTagLimits = 1000;

    /// <summary>Other jobs that one job may wait for.</summary>
    public const int MaxJobDependencies = 1000;

    public const int MaxPriority = 1000;
    public const int MaxNameLength = 256;
    public const int MaxAtOnce = 100_000;
    public const int MaxRetries = 100_000;

    /// <summary>Retries of a task in a node's queue that does not say: a failed task is restarted (design, section 1).</summary>
    public const int DefaultQueueRetries = 3;

    public const double MaxBackoffFactor = 1000;

    /// <summary>Ranges of one set of exit statuses.</summary>
    public const int MaxStatusRanges = 256;

    /// <summary>Bytes kept of each stream of a task that gives no limit.</summary>
    public const long DefaultOutputLimitBytes = 64 * 1024 * 1024;

    /// <summary>Any duration in a job.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(3650);

    /// <summary>Of a task that gives none.</summary>
    public static readonly TimeSpan DefaultBackoff = TimeSpan.FromSeconds(1);

    /// <summary>Of a task that gives none.</summary>
    public const double DefaultJitter = 0.1;

    /// <summary>Of a task that gives none.</summary>
    public static readonly TimeSpan DefaultMaxBackoff = TimeSpan.FromMinutes(5);
}

using Artel.Core;
using Artel.Server.Hosting;
using Artel.Server.People;

namespace Artel.Server;

/// <summary>What a server is started with. Immutable.</summary>
internal sealed record ServerOptions
{
    /// <summary>Everything the server keeps.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where it listens. Port 0 takes a free one.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>Whether there is a dashboard, and where browsers of this machine reach it without TLS.</summary>
    public DashboardAddress Dashboard { get; init; } = DashboardAddress.None;

    /// <summary>Names by which browsers may call the dashboard, beside addresses, <c>localhost</c> and the machine's own name.</summary>
    public IReadOnlyList<string> DashboardNames { get; init; } = [];

    /// <summary>Where nodes of the classic protocol connect; null: nowhere.</summary>
    public ClassicAddress? Classic { get; init; }

    /// <summary>Where the admin's access file goes: the <c>ARTEL_HOME</c> of whoever starts the server.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>One line of JSON on standard output when ready, instead of text for people.</summary>
    public bool Json { get; init; }

    /// <summary>Stops when its standard input closes, and so with the process that started it.</summary>
    public bool StopWithStdin { get; init; }

    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A node that was silent for so long is lost. Default: three heartbeats.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Hosts that are called when jobs end, <c>HOST[:PORT]</c>.</summary>
    public IReadOnlyList<string> WebhookHosts { get; init; } = [];

    /// <summary>What people see of jobs that are not theirs.</summary>
    public Privacy Privacy { get; init; } = Privacy.Own;

    /// <summary>How long the audit log keeps its records.</summary>
    public TimeSpan AuditKeep { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Logs are objects of JSON, one a line.</summary>
    public bool LogsJson { get; init; }

    /// <summary>Bytes to keep free on the disk of the data folder. Null: 1 GiB, or a twentieth of the file system where that is less.</summary>
    public long? DiskReserve { get; init; }

    /// <summary>The largest <c>output_limit</c> that a task may have. Null: no limit.</summary>
    public long? MaxOutputLimit { get; init; }

    /// <summary>Connections at once, if the system allows as many.</summary>
    public int MaxConnections { get; init; } = DescriptorLimit.MostConnections;

    /// <summary>A task that was lost with so many nodes is failed.</summary>
    public int MaxLosses { get; init; } = ClusterRules.Default.MaxLosses;
}

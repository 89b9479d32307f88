using Artel.Protocol.Client;
using Artel.Protocol.V1;

namespace Artel.Cli.Json;

internal sealed record ResourcesJson(double Cpus, long MemoryBytes, double Gpus, IReadOnlyDictionary<string, long> Counters)
{
    public static ResourcesJson Of(Resources? r) => r is null
        ? new ResourcesJson(0, 0, 0, new Dictionary<string, long>())
        : new ResourcesJson(r.MilliCpus / 1000.0, r.MemoryBytes, r.MilliGpus / 1000.0, new SortedDictionary<string, long>(r.Counters));
}

/// <param name="State">What it does with the task in its hands: <c>waiting</c> 1, <c>running</c> 2, <c>failed</c> 3, <c>succeeded</c> 4.</param>
/// <param name="StateNumber">The same as a number.</param>
/// <param name="Condition">Of its link: <c>connected</c>, <c>disconnected</c>, <c>lost</c>, <c>stopped</c>.</param>
/// <param name="Problem">Why it takes no work now; null: it does.</param>
/// <param name="RunningTasks">Tasks in flight as <c>JOB.TASK</c>; null in lists of nodes.</param>
internal sealed record NodeJson(
    string Id,
    string Kind,
    string State,
    int StateNumber,
    string Condition,
    bool Draining,
    DateTimeOffset? DrainDeadline,
    string? DrainReason,
    string? Problem,
    string Version,
    string Host,
    string Address,
    ResourcesJson Resources,
    IReadOnlyDictionary<string, string> Labels,
    int Running,
    int Backlog,
    DateTimeOffset? ConnectedSince,
    DateTimeOffset? LastHeartbeat,
    string? RunAs,
    IReadOnlyList<string> Unended,
    IReadOnlyList<string>? RunningTasks)
{
    public static NodeJson Of(WireNode n, bool inList = false) => new(
        n.Id,
        n.Kind,
        StateWords.Of(n.State),
        (int)n.State,
        StateWords.Of(n.Condition),
        n.Draining,
        n.DrainDeadline?.ToDateTimeOffset(),
        n.DrainReason.Length > 0 ? n.DrainReason : null,
        n.Problem.Length > 0 ? n.Problem : null,
        n.Version,
        n.Host,
        n.Address,
        ResourcesJson.Of(n.Resources),
        new SortedDictionary<string, string>(n.Labels, StringComparer.Ordinal),
        n.Running,
        n.Backlog,
        n.ConnectedSince?.ToDateTimeOffset(),
        n.LastHeartbeat?.ToDateTimeOffset(),
        n.RunAs.Length > 0 ? n.RunAs : null,
        n.Unended,
        inList ? null : [.. n.AttemptTasks.Select(t => FormattableString.Invariant($"{t.Job}.{t.Task}"))]);
}

internal sealed record NodeListJson(IReadOnlyList<NodeJson> Nodes);

internal sealed record ForgottenNodeJson(string Forgotten);

/// <summary>The server's key, and the change of it that is announced.</summary>
internal sealed record KeyJson(string Pin, string? NextPin, DateTimeOffset? Switches)
{
    public static KeyJson Of(KeyRotation k) => new(
        new CertificatePin(k.Pin.Span).ToString(),
        k.NextPin.IsEmpty ? null : new CertificatePin(k.NextPin.Span).ToString(),
        k.Switches?.ToDateTimeOffset());
}

internal sealed record StatusJson(
    string Version,
    string Protocol,
    string ClusterId,
    long Epoch,
    DateTimeOffset? Started,
    string Listen,
    string? ListenClassic,
    string Address,
    int NodesConnected,
    int NodesKnown,
    int JobsActive,
    CountsJson ActiveTasks,
    long StaleMessages,
    double LongestTurnSeconds,
    DiskJson Disk,
    IReadOnlyList<string> Attention,
    string Role,
    string User,
    string Privacy,
    KeyJson? Key)
{
    public static StatusJson Of(ClusterStatus s, string address) => new(
        s.Version,
        s.Protocol,
        s.ClusterId,
        s.Epoch,
        s.Started?.ToDateTimeOffset(),
        s.Listen,
        s.ListenClassic.Length == 0 ? null : s.ListenClassic,
        address,
        s.NodesConnected,
        s.NodesKnown,
        s.JobsActive,
        CountsJson.Of(s.ActiveTasks),
        s.StaleMessages,
        s.LongestTurn?.ToTimeSpan().TotalSeconds ?? 0,
        new DiskJson(s.FreeBytes, s.DiskBytes, s.DiskReserve, s.FreeBytes < s.DiskReserve),
        [.. s.Attention],
        StateWords.Of(s.Role),
        s.User,
        StateWords.Of(s.Privacy),
        s.Key is null || s.Key.Pin.IsEmpty ? null : KeyJson.Of(s.Key));
}

/// <param name="ReserveBytes">What is kept free: below it long output and large jobs wait.</param>
internal sealed record DiskJson(long FreeBytes, long TotalBytes, long ReserveBytes, bool IsShort);

internal sealed record StoppedServerJson(string Stopped);

internal sealed record DashboardJson(string Url, DateTimeOffset Expires);

/// <param name="UsesLeft">Null: any number.</param>
internal sealed record TokenJson(
    string Id, string Role, string Name, DateTimeOffset? Created, DateTimeOffset? Expires, int? UsesLeft, string? Node, bool Revoked)
{
    public static TokenJson Of(Token t) => new(
        t.Id,
        StateWords.Of(t.Role),
        t.Name,
        t.Created?.ToDateTimeOffset(),
        t.Expires?.ToDateTimeOffset(),
        t.HasUsesLeft ? t.UsesLeft : null,
        t.Node.Length > 0 ? t.Node : null,
        t.Revoked);
}

internal sealed record CreatedTokenJson(string Ticket, TokenJson Token);

internal sealed record TokenListJson(IReadOnlyList<TokenJson> Tokens);

internal sealed record RevokedTokenJson(string Revoked);

/// <summary>The first line of <c>artel up --json</c>.</summary>
internal sealed record UpJson(string Listening, string Node, string AccessFile);

using System.Collections.Frozen;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Audit;

/// <summary>
/// Says for each call that changes something what its record tells: ids, names and numbers, never arguments, environment, tokens or
/// codes. A call that is not here only reads. A test compares this with the service descriptor.
/// </summary>
internal static class AuditRules
{
    private static readonly FrozenDictionary<string, AuditRule> Rules = new AuditRule[]
    {
        Of<V1.SubmitRequest, V1.SubmitReply>("Submit", r => $"job '{r.Job?.Name}'", r => $"job {r.Job}, {r.TaskCount} tasks"),
        Action("Cancel"),
        Of<V1.JobAction, V1.JobActionReply>("Retry", r => SubjectOf(r) + Changes(r.Changes), r => $"{r.Tasks} tasks"),
        Action("Hold"),
        Action("Release"),
        Of<V1.SetJobRequest>(
            "SetJob",
            r => (r.HasPriority ? $"job {r.Job}, priority {r.Priority}" : $"job {r.Job}") + Changes(r.Changes)),
        Of<V1.SetLimitRequest>("SetLimit", r => r.HasMost ? $"limit {r.Tag}={r.Most}" : $"limit {r.Tag} removed"),
        Of<V1.SetQuotaRequest>("SetQuota", r => $"quota of {(r.User.Length > 0 ? r.User : "everyone")}: {(r.Reset ? "reset" : $"{r.Set}")}"),
        Node("DrainNode"),
        Node("ResumeNode"),
        Node("StopNode"),
        Node("ForgetNode"),
        Of<V1.CreateTokenRequest, V1.CreateTokenReply>(
            "CreateToken", r => $"token '{r.Name}', role {Word(r.Role)}", r => $"token {r.Token?.Id}"),
        Of<V1.RevokeTokenRequest>("RevokeToken", r => $"token {r.Id}"),
        Of<V1.RotateKeyRequest>("RotateKey", r => r.Now ? "server key, now" : "server key"),
        Of<V1.CreateLoginLinkRequest>("CreateLoginLink", _ => "login link"),
        Of<V1.OpenSessionRequest>("OpenSession", r => r.Code.Length > 0 ? "login with a link" : "login with a token"),
        Of<V1.CloseSessionRequest>("CloseSession", _ => "logout"),
        Of<V1.StopServerRequest>("StopServer", _ => "server"),
        Of<V1.AddScheduleRequest>("AddSchedule", r => $"schedule {r.Name}"),
        Schedule("PauseSchedule"),
        Schedule("ResumeSchedule"),
        Of<V1.RunScheduleRequest, V1.SubmitReply>("RunSchedule", r => $"schedule {r.Name}", r => $"job {r.Job}"),
        Schedule("RemoveSchedule"),
        Of<V1.JoinRequest>("Join", r => $"node {r.Node}"),
    }.ToFrozenDictionary(rule => rule.Call, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, AuditRule>.AlternateLookup<ReadOnlySpan<char>> ByName =
        Rules.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Names of the calls that change something.</summary>
    public static IReadOnlyCollection<string> Calls => Rules.Keys;

    /// <param name="call">Name of the method, without its service.</param>
    /// <returns>Null for a call that changes nothing.</returns>
    public static AuditRule? Find(ReadOnlySpan<char> call) => ByName.TryGetValue(call, out var rule) ? rule : null;

    private static AuditRule Action(string call) =>
        Of<V1.JobAction, V1.JobActionReply>(call, SubjectOf, r => $"{r.Tasks} tasks");

    private static string SubjectOf(V1.JobAction action) => action.Tasks.Count switch
    {
        0 => $"job {action.Job}",
        1 => $"job {action.Job}, tasks {action.Tasks[0].First}-{action.Tasks[0].Last}",
        var ranges => $"job {action.Job}, {ranges} ranges of tasks",
    };

    private static string Changes(V1.JobChanges? changes) =>
        JobRevision.IsEmpty(changes) ? "" : ", " + JobRevision.Describe(changes!);

    private static AuditRule Node(string call) => Of<V1.NodeAction>(
        call, r => $"node {r.Id}{(r.Now ? ", now" : "")}{(r.Reason.Length > 0 ? $": {r.Reason}" : "")}");

    private static AuditRule Schedule(string call) => Of<V1.ScheduleName>(call, r => $"schedule {r.Name}");

    private static AuditRule Of<TRequest>(string call, Func<TRequest, string> subject) =>
        new(call, request => subject((TRequest)request), _ => "");

    private static AuditRule Of<TRequest, TReply>(
        string call, Func<TRequest, string> subject, Func<TReply, string> result) =>
        new(
            call,
            request => subject((TRequest)request),
            reply => result((TReply)reply));

    private static string Word(V1.Role role) => role.ToString().ToLowerInvariant();
}

/// <param name="Call">Name of the method.</param>
/// <param name="Subject">What a request is about.</param>
/// <param name="Result">What its reply adds to that.</param>
internal sealed record AuditRule(string Call, Func<object, string> Subject, Func<object, string> Result);

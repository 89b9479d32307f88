using Artel.Core;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What pages about the cluster and its jobs are drawn from.</summary>
internal sealed partial class ClusterService
{
    public override Task<V1.GetHistoryReply> GetHistory(V1.GetHistoryRequest request, ServerCallContext context) =>
        history.ReadAsync(request, context.CancellationToken);

    public override Task<V1.TaskMap> GetTaskMap(V1.GetTaskMapRequest request, ServerCallContext context) =>
        maps.ReadAsync(request, context.CancellationToken);

    public override Task<V1.ListTemplatesReply> ListTemplates(V1.ListTemplatesRequest request, ServerCallContext context) =>
        maps.ListTemplatesAsync(request, View(context), context.CancellationToken);

    public override Task<V1.ListAttemptsReply> ListAttempts(V1.ListAttemptsRequest request, ServerCallContext context) =>
        attempts.ReadAsync(request, context.CancellationToken);

    public override Task<V1.SubmittedJob> GetJobSpec(V1.GetJobRequest request, ServerCallContext context) =>
        submitted.ReadAsync(new JobId(request.Job), View(context), context.CancellationToken);

    public override Task<V1.FindInOutputReply> FindInOutput(V1.FindInOutputRequest request, ServerCallContext context) =>
        search.FindAsync(request, View(context), context.CancellationToken);

    public override Task<V1.Settings> GetSettings(V1.GetSettingsRequest request, ServerCallContext context) =>
        Task.FromResult(settings.Read(context.Principal()));

    public override Task<V1.GetUsageReply> GetUsage(V1.GetUsageRequest request, ServerCallContext context) =>
        usage.ReadAsync(request, context.CancellationToken);

    public override Task<V1.ListAuditReply> ListAudit(V1.ListAuditRequest request, ServerCallContext context) =>
        audit.ReadAsync(request, context.CancellationToken);
}

using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.People;
using Artel.Server.Wire;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// What decides who goes first and how many at once: priorities and other terms of jobs, limits of tags.
/// </summary>
internal sealed partial class ClusterService
{
    public override async Task<V1.Job> SetJob(V1.SetJobRequest request, ServerCallContext context)
    {
        var own = await access.RequireAsync(context.Principal(), request.Job, context.CancellationToken);
        var job = own.Id;
        if (request.HasPriority && Math.Abs((long)request.Priority) > JobLimits.MaxPriority)
        {
            throw Refusals.Invalid(
                $"the priority is out of range: a whole number from -{JobLimits.MaxPriority} to {JobLimits.MaxPriority}; "
                + "higher goes first");
        }

        var by = Submitter.Of(context.Principal());
        if (!JobRevision.IsEmpty(request.Changes))
        {
            if (request.HasPriority)
            {
                // A request is refused as a whole: nothing is changed if its priority is not allowed.
                await loop.AskAsync(
                    (state, _) =>
                    {
                        CheckPriority(state);
                        return true;
                    },
                    context.CancellationToken);
            }

            await revisions.ReviseAsync(own, request.Changes, context.CancellationToken);
        }

        if (request.HasPriority)
        {
            var isThere = await loop.AskAsync(
                (state, _) =>
                {
                    CheckPriority(state);
                    return state.SetPriority(job, request.Priority);
                },
                context.CancellationToken);
            if (!isThere)
            {
                var ended = await jobs.GetAsync(job, context.CancellationToken);
                throw Refusals.NotNow($"job {job} has ended ({((JobState)ended.State).ToString().ToLowerInvariant()}): there is nothing to be put first");
            }
        }

        return await jobs.GetAsync(job, context.CancellationToken);

        void CheckPriority(ClusterState state) =>
            admission.CheckPriority(by, request.Priority, state.View(job)?.Priority ?? request.Priority);
    }

    public override async Task<V1.ListLimitsReply> ListLimits(V1.ListLimitsRequest request, ServerCallContext context)
    {
        var limits = await loop.AskAsync((state, _) => state.ViewLimits(), context.CancellationToken);
        return new V1.ListLimitsReply { Limits = { limits.Select(l => new V1.Limit { Tag = l.Tag, Most = l.Most, Used = l.Used }) } };
    }

    public override async Task<V1.Limit> SetLimit(V1.SetLimitRequest request, ServerCallContext context)
    {
        if (TagNames.Problem(request.Tag) is { } problem)
        {
            throw Refusals.Invalid($"the tag '{request.Tag}' {problem}");
        }

        if (request.HasMost && request.Most < 0)
        {
            throw Refusals.Invalid($"the limit of {request.Tag} is {request.Most}: a whole number from 0, or leave it out for none");
        }

        int? most = request.HasMost ? request.Most : null;
        var used = await loop.AskAsync<int?>(
            (state, _) => state.SetLimit(request.Tag, most) ? state.ViewLimits().FirstOrDefault(l => l.Tag == request.Tag)?.Used ?? 0 : null,
            context.CancellationToken) ?? throw Refusals.TooManyLimits();
        return new V1.Limit { Tag = request.Tag, Most = most ?? -1, Used = used };
    }
}

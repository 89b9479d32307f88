using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.People;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What users may have, and what they have now.</summary>
internal sealed partial class ClusterService
{
    private const int MaxUserName = 256;

    public override async Task<V1.ListQuotasReply> ListQuotas(V1.ListQuotasRequest request, ServerCallContext context)
    {
        var caller = context.Principal();
        var isAdmin = caller.Role == V1.Role.Admin;
        var present = await loop.AskAsync(
            (state, _) => isAdmin ? state.ViewUsers() : [state.ViewUser(caller.Name)], context.CancellationToken);
        var views = present.ToDictionary(v => v.User, StringComparer.Ordinal);
        IEnumerable<string> users = isAdmin ? views.Keys.Union(quotas.Users).Union(schedules.All.Select(s => s.User)) : [caller.Name];
        return new V1.ListQuotasReply
        {
            Default = Write(QuotaBook.Default, null),
            Users = { users.Where(u => u.Length > 0).Order(StringComparer.Ordinal).Select(u => Write(u, views.GetValueOrDefault(u) ?? new UserView(u, 0, 0, 0))) },
        };
    }

    public override async Task<V1.UserQuota> SetQuota(V1.SetQuotaRequest request, ServerCallContext context)
    {
        if (request.User.Length > MaxUserName)
        {
            throw Refusals.Invalid($"user has {request.User.Length} characters: a name has at most {MaxUserName}");
        }

        var change = ReadAmounts(request.Set ?? new V1.QuotaAmounts());
        if (change.IsEmpty && !request.Reset)
        {
            throw Refusals.Invalid("nothing to set: give one of queued_tasks, running_tasks, stored_bytes, schedules and max_priority");
        }

        if (!await quotas.SetAsync(request.User, change, request.Reset, TellAsync, context.CancellationToken))
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"{QuotaBook.MostQuotas} users have quotas of their own: take some away with 'artel quota rm'"));
        }

        var view = await loop.AskAsync((state, _) => state.ViewUser(request.User), context.CancellationToken);
        return Write(request.User, request.User == QuotaBook.Default ? null : view);

        // Not to be given up in between: what is kept is what the rules keep to.
        Task TellAsync(UserLimits limits) => loop.AskAsync(
            (state, _) =>
            {
                state.SetUserLimits(limits, request.User);
                return true;
            },
            CancellationToken.None);
    }

    private static QuotaAmounts ReadAmounts(V1.QuotaAmounts set)
    {
        return new QuotaAmounts(
            Read("queued_tasks", set.HasQueuedTasks ? set.QueuedTasks : null),
            Read("running_tasks", set.HasRunningTasks ? set.RunningTasks : null),
            Read("stored_bytes", set.HasStoredBytes ? set.StoredBytes : null),
            Read("schedules", set.HasSchedules ? set.Schedules : null),
            set.HasMaxPriority && set.MaxPriority is < 0 or > JobLimits.MaxPriority
                ? throw Refusals.Invalid($"max_priority is {set.MaxPriority}: a whole number from 0 to {JobLimits.MaxPriority}")
                : set.HasMaxPriority ? set.MaxPriority : null);

        static long? Read(string field, long? amount) => amount is null or >= QuotaAmounts.Unlimited
            ? amount
            : throw Refusals.Invalid($"{field} is {amount}: a whole number from 0, or {QuotaAmounts.Unlimited} for no limit");
    }

    /// <param name="view">What the user has now. Null for the default.</param>
    private V1.UserQuota Write(string user, UserView? view) => new()
    {
        User = user,
        Set = Write(quotas.SetFor(user)),
        Limits = Write(quotas.Of(user)),
        Used = view is null ? null : Write(new QuotaAmounts(view.Unfinished, view.Running, view.StoredBytes, schedules.CountOf(user), null)),
    };

    private static V1.QuotaAmounts Write(QuotaAmounts amounts)
    {
        var written = new V1.QuotaAmounts();
        if (amounts.QueuedTasks is { } queued)
        {
            written.QueuedTasks = queued;
        }

        if (amounts.RunningTasks is { } running)
        {
            written.RunningTasks = running;
        }

        if (amounts.StoredBytes is { } bytes)
        {
            written.StoredBytes = bytes;
        }

        if (amounts.Schedules is { } count)
        {
            written.Schedules = count;
        }

        if (amounts.MaxPriority is { } priority)
        {
            written.MaxPriority = (int)priority;
        }

        return written;
    }
}

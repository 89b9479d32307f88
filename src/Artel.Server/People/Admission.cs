using System.Globalization;
using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Protocol.Text;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.People;

/// <summary>Whether a user may have one more of something. A refusal says which quota, how much it is, what there is, and what was asked for.</summary>
internal sealed class Admission(QuotaBook quotas)
{
    /// <summary>Refuses a priority above the submitter's cap. One that nobody asks for now is lowered to it instead: the job of a schedule goes on.</summary>
    public void CheckPriority(V1.JobSpec job, Submitter by)
    {
        var cap = by.IsAdmin ? JobLimits.MaxPriority : Cap(by.User);
        if (job.Priority <= cap)
        {
            return;
        }

        if (by.By == SubmittedBy.Person)
        {
            throw AboveCap(by.User, job.Priority, cap);
        }

        job.Priority = cap;
    }

    /// <summary>The same of a priority that is to be changed. Lowering is always allowed.</summary>
    public void CheckPriority(Submitter by, int priority, int before)
    {
        var cap = by.IsAdmin ? JobLimits.MaxPriority : Cap(by.User);
        if (priority > before && priority > cap)
        {
            throw AboveCap(by.User, priority, cap);
        }
    }

    /// <summary>
    /// Checks a new job, in the turn in which it is taken in. The end of a job is never held up by a quota: its command is one task for a job that was
    /// accepted.
    /// </summary>
    public void CheckJob(ClusterState state, Submitter by, V1.JobSpec job, int tasks, int bytes)
    {
        if (!by.IsAdmin)
        {
            CheckLimits(state, job);
        }

        if (by.By == SubmittedBy.End)
        {
            return;
        }

        var quota = quotas.Of(by.User);
        var user = quota is { QueuedTasks: null, StoredBytes: null } ? null : state.ViewUser(by.User);
        CheckQueued(quota, user, tasks);
        if (quota.StoredBytes is { } most && user!.StoredBytes + bytes > most)
        {
            throw Exhausted($"the quota of {by.User} is {Size(most)} of stored bytes: {Size(user.StoredBytes)} are stored, and this job adds {Size(bytes)}");
        }
    }

    /// <summary>Checks that tasks which have ended may wait again.</summary>
    /// <param name="tasks">At most so many.</param>
    public void CheckRetry(ClusterState state, string owner, int tasks)
    {
        if (quotas.Of(owner) is { QueuedTasks: not null } quota)
        {
            CheckQueued(quota, state.ViewUser(owner), tasks);
        }
    }

    /// <exception cref="RpcException">The user has as many schedules as they may.</exception>
    public void CheckSchedules(string user, int present)
    {
        if (quotas.Of(user).Schedules is { } most && present + 1 > most)
        {
            throw Exhausted($"the quota of {user} is {Number(most)} {(most == 1 ? "schedule" : "schedules")}: there are {Number(present)}, and this is one more");
        }
    }

    private static void CheckQueued(QuotaAmounts quota, UserView? user, int tasks)
    {
        if (quota.QueuedTasks is { } most && user!.Unfinished + tasks > most)
        {
            throw Exhausted(
                $"the quota of {user.User} is {Number(most)} queued tasks: {Number(user.Unfinished)} have not ended, and {Number(tasks)} more were asked for");
        }
    }

    /// <summary>Refuses a job of somebody who is no admin if it would change a limit of the cluster.</summary>
    public static void CheckLimits(ClusterState state, V1.JobSpec job)
    {
        foreach (var (tag, most) in job.Limits)
        {
            if (state.LimitOf(tag) is var now && now != most)
            {
                var has = now is { } limit ? $"it is {Number(limit)}" : "it has none";
                throw new RpcException(new Status(
                    StatusCode.PermissionDenied,
                    $"limits: only an admin changes limits of the cluster, and this would set that of the tag {tag} to {Number(most)} ({has}): leave it out, the tag keeps to its limit anyway"));
            }
        }
    }

    private int Cap(string user) => (int)(quotas.Of(user).MaxPriority ?? 0);

    private static RpcException AboveCap(string user, int priority, int cap) => new(new Status(
        StatusCode.PermissionDenied,
        string.Create(CultureInfo.InvariantCulture, $"the priority {priority} is above the cap of {user}, which is {cap}: an admin raises it with 'artel quota set {user} --max-priority {priority}'")));

    private static RpcException Exhausted(string message) => new(new Status(StatusCode.PermissionDenied, $"{message} ('artel quota' shows all)"));

    private static string Size(long bytes) => Words.Size(bytes);

    private static string Number(long number) => Words.Count(number);
}

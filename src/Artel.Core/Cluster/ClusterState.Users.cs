namespace Artel.Core;

/// <summary>What each user has, and how many of a user's tasks may run. Limits of users hold tasks back as those of tags do.</summary>
public sealed partial class ClusterState
{
    private UserLimits _userLimits = UserLimits.None;

    /// <summary>Replaces the limits of users. What is assigned to nodes already stays.</summary>
    /// <param name="user">Whose limits were changed, for the event; empty for the default.</param>
    public void SetUserLimits(UserLimits limits, string user) => Emit(new UserLimitsSet(limits, user));

    /// <summary>What a user has now; nothing of a user who has never submitted a job.</summary>
    public UserView ViewUser(string user) => _users.TryGetValue(user, out var load) ? ViewOf(user, load) : new UserView(user, 0, 0, 0);

    /// <summary>The users who have anything now, by name.</summary>
    public IReadOnlyList<UserView> ViewUsers() =>
        [.. _users.Where(u => u.Value is not { Unfinished: 0, StoredBytes: 0 }).OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => ViewOf(u.Key, u.Value))];

    private static UserView ViewOf(string user, UserLoad load) => new(user, load.Unfinished, load.InFlight, load.StoredBytes);

    private void Apply(UserLimitsSet set)
    {
        _userLimits = set.Limits;
        foreach (var (name, user) in _users)
        {
            SetLimit(name, user);
        }

        foreach (var job in _jobs.Values)
        {
            Relimit(job);
            Reconsider(job);
        }

        _scheduler.LookAgain();
    }

    private UserLoad UserOf(string name)
    {
        if (!_users.TryGetValue(name, out var user))
        {
            _users[name] = user = new UserLoad();
            SetLimit(name, user);
        }

        return user;
    }

    private void SetLimit(string name, UserLoad user)
    {
        if (_userLimits.Of(name) is not { } most)
        {
            user.Limit = null;
        }
        else if (user.Limit is { } limit)
        {
            limit.Most = most;
        }
        else
        {
            user.Limit = new TagLimit(most) { Used = user.InFlight };
        }
    }

    /// <summary>
    /// Limits were set or taken away that tasks of the job may count towards. They are a part of what makes tasks
    /// alike.
    /// </summary>
    private void Relimit(Job job)
    {
        _scheduler.Dequeue(job);
        SetLimits(job);
        _scheduler.Requeue(job);
    }

    /// <summary>Sets the limits that the tasks of a job count towards: those of their tags, and that of its user.</summary>
    private void SetLimits(Job job)
    {
        foreach (var group in job.Groups)
        {
            var ofTags = _limits.Of(group.Tags);
            group.Limits = job.User.Limit is { } ofUser ? ofTags.Add(ofUser) : ofTags;
        }
    }
}

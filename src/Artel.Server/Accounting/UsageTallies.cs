using System.Collections.Concurrent;
using Artel.Core;

namespace Artel.Server.Accounting;

/// <summary>What attempts used since the start of the server, by user, for metrics. Counted by the committer only. Any thread may read.</summary>
internal sealed class UsageTallies
{
    /// <summary>Users that have series of their own: those that come first. All others share <see cref="OtherUsers"/>.</summary>
    public const int MostUsers = 100;

    public const string OtherUsers = "other";

    private readonly ConcurrentDictionary<string, UsageSum> _users = new(StringComparer.Ordinal);
    private string? _lastUser;
    private UsageSum _last = new();

    public IEnumerable<KeyValuePair<string, UsageSum>> Users => _users;

    /// <summary>By the committer, after a commit.</summary>
    public void Add(AttemptEnded ended) => Of(ended.Held.User).Add(ended);

    private UsageSum Of(string user)
    {
        if (!ReferenceEquals(user, _lastUser))
        {
            (_lastUser, _last) = (user, Find(user));
        }

        return _last;
    }

    private UsageSum Find(string user) =>
        _users.TryGetValue(user, out var known) ? known : _users.GetOrAdd(_users.Count < MostUsers ? user : OtherUsers, _ => new UsageSum());
}

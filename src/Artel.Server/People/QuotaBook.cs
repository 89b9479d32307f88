using System.Collections.Immutable;
using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.People;

/// <summary>
/// What each user may have: a default, and quotas of single users that say more or less than it. All in memory, and every change on disk before it
/// counts. Safe from any thread.
/// </summary>
internal sealed class QuotaBook : IDisposable
{
    /// <summary>The name of the default. No token has it, since people's tokens have names.</summary>
    public const string Default = "";

    /// <summary>So many users may have quotas of their own: all are in memory.</summary>
    public const int MostQuotas = 10_000;

    private static readonly QuotaAmounts NoQuota = QuotaAmounts.None.InForce();

    private readonly Database _database;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private volatile ImmutableSortedDictionary<string, QuotaAmounts> _set;

    private QuotaBook(Database database, ImmutableSortedDictionary<string, QuotaAmounts> set) => (_database, _set) = (database, set);

    /// <param name="database">Must outlive the book.</param>
    public static async Task<QuotaBook> OpenAsync(Database database, CancellationToken cancellation) => new(
        database,
        (await database.ReadAsync(QuotaRows.ReadAll, cancellation)).ToImmutableSortedDictionary(q => q.User, q => q.Set, StringComparer.Ordinal));

    /// <summary>Users with a quota of their own, by name.</summary>
    public IEnumerable<string> Users => _set.Keys.Where(u => u != Default);

    /// <summary>What was set for one user, or for <see cref="Default"/>.</summary>
    public QuotaAmounts SetFor(string user) => _set.GetValueOrDefault(user, QuotaAmounts.None);

    /// <summary>What is in force for a user. Null means no limit.</summary>
    public QuotaAmounts Of(string user)
    {
        var set = _set;
        return set.IsEmpty ? NoQuota : set.GetValueOrDefault(Default, QuotaAmounts.None).ChangedBy(set.GetValueOrDefault(user, QuotaAmounts.None)).InForce();
    }

    /// <summary>The part that the rules keep to.</summary>
    public UserLimits RunningLimits()
    {
        var set = _set;
        return new UserLimits(
            Most(Of(Default)),
            set.Where(q => q.Key != Default && q.Value.RunningTasks is not null).ToImmutableDictionary(q => q.Key, q => Most(Of(q.Key)), StringComparer.Ordinal));

        static int? Most(QuotaAmounts quota) => quota.RunningTasks is { } most ? (int)Math.Min(int.MaxValue, most) : null;
    }

    /// <summary>Changes what was set for a user. False if there are too many quotas already.</summary>
    /// <param name="reset">Takes away first what was set before.</param>
    /// <param name="tell">Tells the rules of it, before the next change.</param>
    public async Task<bool> SetAsync(string user, QuotaAmounts change, bool reset, Func<UserLimits, Task> tell, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            var changed = (reset ? QuotaAmounts.None : SetFor(user)).ChangedBy(change);
            if (!changed.IsEmpty && !_set.ContainsKey(user) && _set.Count >= MostQuotas)
            {
                return false;
            }

            await _database.WriteAsync(
                connection => changed.IsEmpty ? QuotaRows.Delete(connection, user) : QuotaRows.Write(connection, user, changed), CancellationToken.None);
            _set = changed.IsEmpty ? _set.Remove(user) : _set.SetItem(user, changed);
            await tell(RunningLimits());
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();
}

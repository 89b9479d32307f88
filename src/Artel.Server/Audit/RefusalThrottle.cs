namespace Artel.Server.Audit;

/// <summary>
/// Bounds how many refusals are recorded one by one: the first few of each address in a minute. The rest is counted, and the count recorded. So
/// a flood of failed logins takes a bounded number of rows. Any thread may call.
/// </summary>
internal sealed class RefusalThrottle
{
    /// <summary>Recorded one by one, of one address in one <see cref="Window"/>.</summary>
    public const int MostOfOne = 10;

    /// <summary>Addresses that are told apart in one window. All others share <see cref="Others"/>.</summary>
    public const int MostAddresses = 1000;

    public const string Others = "other addresses";

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>True if a refusal is to be recorded by itself.</summary>
    public bool Admits(string address)
    {
        lock (_gate)
        {
            var key = _seen.ContainsKey(address) || _seen.Count < MostAddresses ? address : Others;
            var seen = _seen[key] = _seen.GetValueOrDefault(key) + 1;
            return seen <= MostOfOne;
        }
    }

    /// <summary>Begins a new window. Gives how many refusals of the last one were left out, by address.</summary>
    public IReadOnlyList<(string Address, long Count)> Turn()
    {
        lock (_gate)
        {
            var seen = _seen;
            _seen = new(StringComparer.Ordinal);
            return [.. seen.Where(s => s.Value > MostOfOne).Select(s => (s.Key, s.Value - MostOfOne))];
        }
    }
}

namespace Artel.Server.Security;

/// <summary>What a caller was authenticated by.</summary>
/// <param name="Key">Of its secret.</param>
/// <param name="Token">Id of the token with which it ends; null for a node, which outlives the token it joined with.</param>
/// <param name="Expires">Of a session no later than its token.</param>
internal sealed record Credential(string Key, string? Token, DateTimeOffset Expires);

/// <summary>
/// The credentials of calls that last: ends those calls when a credential is revoked or expires. Owned by <see cref="CredentialStore"/>, which reports what
/// ends after it is stored. Safe from any thread.
/// </summary>
internal sealed class CredentialLives(TimeProvider time)
{
    /// <summary>The clock of the system may be set meanwhile: it is looked at again after this long at the latest.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>A forgotten node is told so over its link first.</summary>
    private static readonly TimeSpan LastWord = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal);

    /// <summary>Begins a call. Whether the credential is good is to be checked after this, so that no end is missed.</summary>
    /// <returns>To be disposed of when the call has ended.</returns>
    public Hold Hold(Credential credential)
    {
        lock (_gate)
        {
            if (!_lives.TryGetValue(credential.Key, out var life))
            {
                _lives[credential.Key] = life = new Life(credential);
                if (credential.Expires < DateTimeOffset.MaxValue)
                {
                    life.Alarm = time.CreateTimer(_ => Look(life), null, Wait(credential), Timeout.InfiniteTimeSpan);
                }
            }

            life.Calls++;
            return new Hold(this, life);
        }
    }

    /// <summary>The token was revoked: it ends, and its sessions with it.</summary>
    public void EndToken(string token)
    {
        lock (_gate)
        {
            foreach (var life in _lives.Values.Where(l => l.Credential.Token == token))
            {
                _ = life.Ended.CancelAsync();
            }
        }
    }

    /// <summary>A session was ended.</summary>
    public void EndSession(string key)
    {
        lock (_gate)
        {
            if (_lives.TryGetValue(key, out var life))
            {
                _ = life.Ended.CancelAsync();
            }
        }
    }

    /// <summary>A node was forgotten.</summary>
    public void EndNode(string key)
    {
        lock (_gate)
        {
            if (_lives.TryGetValue(key, out var life))
            {
                life.Ended.CancelAfter(LastWord);
            }
        }
    }

    private TimeSpan Wait(Credential credential)
    {
        var left = credential.Expires - time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
    }

    private void Look(Life life)
    {
        var wait = Wait(life.Credential);
        lock (_gate)
        {
            if (wait > TimeSpan.Zero)
            {
                life.Alarm?.Change(wait, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _ = life.Ended.CancelAsync();
            }
        }
    }

    internal void Release(Life life)
    {
        lock (_gate)
        {
            if (--life.Calls == 0)
            {
                _lives.Remove(life.Credential.Key);
                life.Alarm?.Dispose();
                life.Alarm = null;
            }
        }
    }

    internal sealed class Life(Credential credential)
    {
        public Credential Credential { get; } = credential;

        // Without timers of its own there is nothing to dispose of in it.
        public CancellationTokenSource Ended { get; } = new();

        public int Calls { get; set; }

        public ITimer? Alarm { get; set; }
    }
}

/// <summary>A call that lasts, as far as its credential is concerned: a feature of its request.</summary>
internal sealed class Hold(CredentialLives lives, CredentialLives.Life life) : IDisposable
{
    private int _isReleased;

    public Credential Credential => life.Credential;

    /// <summary>Cancelled when the credential has ended.</summary>
    public CancellationToken Ended => life.Ended.Token;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
        {
            lives.Release(life);
        }
    }
}

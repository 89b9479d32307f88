using System.Net;
using Artel.Protocol.Client;
using Artel.Server.Storage;

namespace Artel.Server.Security;

/// <summary>
/// The server's key and, while a change is announced, the next one. Each step is one file that is replaced or renamed as a whole, so that a server
/// that is killed over it starts before the step or after it. Reads from any thread; changes take turns.
/// </summary>
internal sealed class ServerKeys : IDisposable
{
    private readonly DataFolder _folder;
    private readonly IPAddress _listen;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();
    private volatile State _state;

    private ServerKeys(DataFolder folder, IPAddress listen, TimeProvider time)
    {
        _folder = folder;
        _listen = listen;
        _time = time;
        var current = new ServerKey(ServerCertificate.LoadOrCreate(folder, listen, time));
        _state = NextCertificate.Load(folder) is { } next ? new State(current, new ServerKey(next.Certificate), next.Switches) : new State(current, null, null);
    }

    /// <summary>For handshakes.</summary>
    public ServerKey Current => _state.Current;

    public ServerPins Pins => new(_state.Current.Pin, _state.Next?.Pin);

    /// <summary>The next key's pin as text, for every answer. Null means that no change is announced.</summary>
    public string? NextPinText => _state.NextPinText;

    /// <summary>When the next key comes into use. Null means that no change is announced.</summary>
    public DateTimeOffset? Switches => _state.Switches;

    /// <summary>Loads the keys of a data folder; the first start makes one. A change whose time has passed is made.</summary>
    /// <param name="listen">The address to listen on, which goes into new certificates.</param>
    /// <exception cref="StoreException">A file cannot be read, or others may read it.</exception>
    public static ServerKeys Open(DataFolder folder, IPAddress listen, TimeProvider time)
    {
        var keys = new ServerKeys(folder, listen, time);
        keys.SwitchIfDue();
        return keys;
    }

    /// <summary>Makes the next key, which comes into use after a time. False if one is announced already.</summary>
    public bool TryAnnounce(TimeSpan overlap)
    {
        lock (_changing)
        {
            if (_state.Next is not null)
            {
                return false;
            }

            var switches = _time.GetUtcNow() + overlap;
            var certificate = NextCertificate.Create(_folder, _listen, switches, _time);
            _state = new State(_state.Current, new ServerKey(certificate), switches);
        }

        CrashPoints.Hit(CrashPoint.NextKeyMade);
        return true;
    }

    /// <summary>Changes to the next key now; makes one if none is announced.</summary>
    public void SwitchNow()
    {
        lock (_changing)
        {
            if (_state.Next is null)
            {
                var certificate = NextCertificate.Create(_folder, _listen, _time.GetUtcNow(), _time);
                _state = new State(_state.Current, new ServerKey(certificate), _time.GetUtcNow());
            }

            Switch();
        }
    }

    /// <summary>Changes to the next key if its time has come. Returns whether it did.</summary>
    public bool SwitchIfDue()
    {
        lock (_changing)
        {
            if (_state.Switches is not { } switches || switches > _time.GetUtcNow())
            {
                return false;
            }

            Switch();
            return true;
        }
    }

    public void Dispose()
    {
        _state.Next?.Dispose();
        _state.Current.Dispose();
    }

    /// <summary>The old key is not disposed: a handshake may be under way with it.</summary>
    private void Switch()
    {
        NextCertificate.PutInUse(_folder);
        CrashPoints.Hit(CrashPoint.KeyChanged);
        _state = new State(_state.Next!, null, null);
    }

    private sealed record State(ServerKey Current, ServerKey? Next, DateTimeOffset? Switches)
    {
        public string? NextPinText { get; } = Next?.Pin.ToString();
    }
}

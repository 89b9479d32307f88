using System.Text;
using Artel.Protocol.Client;
using Artel.Protocol.Files;

namespace Artel.Cli.Access;

/// <summary>
/// Remembers changes of servers' keys in the file <c>server-keys</c> of the user's folder, so that tokens from before a change go on working wherever they are
/// written. A line is the old pin, the new one, and <c>used</c> once the server has presented the new one: from then on the old one is not accepted.
/// Any thread.
/// </summary>
internal sealed class KnownKeys : IPinKeeper
{
    private const string Used = "used";

    private readonly string _file;
    private readonly Lock _gate = new();
    private volatile ServerPins _pins;

    /// <param name="file">Where they are remembered. It need not be there.</param>
    /// <param name="token">What the token says.</param>
    public KnownKeys(string file, ServerPins token)
    {
        _file = file;
        _pins = Follow(token, Read());
    }

    public ServerPins Pins => _pins;

    public void Announced(CertificatePin next) => Note(pins => pins.Accept(next) ? null : pins with { Next = next });

    public void Presented(CertificatePin pin) => Note(pins => pin.Equals(pins.Next) ? new ServerPins(pin) : null);

    /// <param name="change">What the pins become, or null if they stay.</param>
    private void Note(Func<ServerPins, ServerPins?> change)
    {
        lock (_gate)
        {
            var before = _pins;
            if (change(before) is not { } after)
                return;

            _pins = after;
            var (from, to, used) = after.Next is { } next ? (after.Current, next, false) : (before.Current, after.Current, true);
            try
            {
                Write([.. Read().Where(k => !k.From.Equals(from)), new Known(from, to, used)]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is not remembered. If that is so until the key has changed, the next call says what to do.
            }
        }
    }

    private static ServerPins Follow(ServerPins pins, List<Known> all)
    {
        // Each line is followed once: a file that goes in circles ends nowhere else.
        while (all.FirstOrDefault(k => k.From.Equals(pins.Current)) is { } known)
        {
            pins = known.IsUsed ? new ServerPins(known.To) : pins with { Next = known.To };
            if (!known.IsUsed)
                break;

            all.Remove(known);
        }

        return pins;
    }

    private List<Known> Read()
    {
        try
        {
            return [.. File.ReadLines(_file).Select(Known.Parse).OfType<Known>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private void Write(List<Known> all)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        OwnerOnly.Replace(_file, Encoding.UTF8.GetBytes(string.Concat(all.Select(k => k + "\n"))));
    }

    private sealed record Known(CertificatePin From, CertificatePin To, bool IsUsed)
    {
        public static Known? Parse(string line) =>
            line.Split(' ') is [var from, var to, .. var rest] && CertificatePin.TryParse(from, out var old) && CertificatePin.TryParse(to, out var next)
                ? new Known(old!, next!, rest is [Used])
                : null;

        public override string ToString() => IsUsed ? $"{From} {To} {Used}" : $"{From} {To}";
    }
}

using System.Diagnostics;

namespace Artel.Server;

/// <summary>
/// Lets a test kill the server at a <see cref="CrashPoint"/>, as <c>kill -9</c> would: nothing is flushed, closed or said. Only builds with
/// the constant CRASH_POINTS (debug builds) have it: in a released server the calls are not there, and nobody can end one by a variable.
/// </summary>
internal static class CrashPoints
{
    /// <summary>Names the point and at which time of coming by it to die, as in <c>24:3</c>. Not set: nowhere.</summary>
    private const string Variable = "ARTEL_CRASH_AT";

    private static CrashPoint _armed;
    private static int _hitsLeft;

    /// <summary>Reads where to die. Called once, before everything else.</summary>
    [Conditional("CRASH_POINTS")]
    public static void Arm()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text)
        {
            var parts = text.Split(':');
            (_armed, _hitsLeft) = (Enum.Parse<CrashPoint>(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Dies here, where this is the place and the time. Any thread may come by.</summary>
    [Conditional("CRASH_POINTS")]
    public static void Hit(CrashPoint point)
    {
        if (point == _armed && Interlocked.Decrement(ref _hitsLeft) == 0)
        {
            Die();
        }
    }

    /// <summary>The same, after something that would be done differently otherwise.</summary>
    [Conditional("CRASH_POINTS")]
    public static void Hit(CrashPoint point, Action last)
    {
        if (point == _armed && Interlocked.Decrement(ref _hitsLeft) == 0)
        {
            last();
            Die();
        }
    }

    private static void Die()
    {
        using var me = Process.GetCurrentProcess();
        me.Kill();
        Thread.CurrentThread.Join();
    }
}

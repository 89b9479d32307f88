using Artel.Protocol.Text;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>How fast the tasks of a job end, as far as it was looked at: by the last minute, or by the whole time where less than a few seconds were seen.</summary>
internal sealed class JobPace
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(8);

    private readonly Queue<(DateTimeOffset At, int Ended)> _seen = [];

    /// <summary>So many tasks have ended by now.</summary>
    public void See(DateTimeOffset now, int ended)
    {
        if (_seen.Count > 0 && ended < _seen.Last().Ended)
        {
            // Retried: what had ended is to be done again.
            _seen.Clear();
        }

        _seen.Enqueue((now, ended));
        while (now - _seen.Peek().At > Window)
        {
            _seen.Dequeue();
        }
    }

    /// <summary>The time that is left, and how that is known; empty where it can not be told.</summary>
    /// <param name="left">Tasks that have not ended.</param>
    /// <param name="started">When the first one started.</param>
    public string Describe(DateTimeOffset now, int left, DateTimeOffset? started)
    {
        if (left <= 0 || _seen.Count == 0 || started is null)
            return "";

        var (first, last) = (_seen.Peek(), _seen.Last());
        var isRecent = last.At - first.At >= Enough;
        var (ended, over) = isRecent ? (last.Ended - first.Ended, last.At - first.At) : (last.Ended, now - started.Value);
        if (ended <= 0 || over <= TimeSpan.Zero)
            return isRecent ? $"nothing has ended in the last {Words.Duration(over)}: the time left can not be told" : "";

        var rate = ended / over.TotalSeconds;
        var seconds = Math.Min(left / rate, TimeSpan.FromDays(3650).TotalSeconds);
        return $"about {Words.Duration(TimeSpan.FromSeconds(seconds))} left, estimated from {Rate(rate)} {(isRecent ? $"over the last {Words.Duration(over)}" : "since it started")}";
    }

    private static string Rate(double perSecond) => perSecond switch
    {
        >= 10 => $"{Words.Count((long)perSecond)} tasks/s",
        >= 0.1 => FormattableString.Invariant($"{perSecond:0.0} tasks/s"),
        _ => FormattableString.Invariant($"{perSecond * 60:0.0} tasks/min"),
    };
}

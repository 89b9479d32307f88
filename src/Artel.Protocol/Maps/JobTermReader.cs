using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Reads the keys of a map that say when the job runs, for how long, and what it waits for.</summary>
internal sealed class JobTermReader(MistakeLog log, MapContext context)
{
    private readonly ValueReader _values = new(log);
    private readonly OutcomeReader _outcomes = new(log);
    private readonly DateTimeOffset _now = context.Clock.GetUtcNow();
    private MapScalar? _maxFails;

    /// <summary>False where it is no such key.</summary>
    public bool TryRead(MapEntry entry, JobSpec job)
    {
        var value = entry.Value;
        switch (entry.Key.Text)
        {
            case "start_at":
                if (_values.Moment(value, "start_at", _now, out var start))
                    job.StartAt = start;
                break;
            case "deadline":
                if (_values.Moment(value, "deadline", _now, out var deadline))
                {
                    job.Deadline = deadline;
                    if (deadline.ToDateTimeOffset() <= _now)
                        log.Spoil(value, $"the deadline {Moments.Format(deadline)} is over", "a time to come, or a duration from now like '+2h'");
                }

                break;
            case "max_fails":
                if (_values.Whole(value, "max_fails", out int most))
                    SetMaxFails(entry.Key, most, job);
                break;
            case "fail_fast":
                if (_values.Truth(value, "fail_fast", out var isFast) && isFast)
                    SetMaxFails(entry.Key, 0, job);
                break;
            case "tags":
                _values.Words(value, "tags", "[nightly, db]", job.Tags);
                break;
            case "limits":
                foreach (var limit in _values.Table(value, "limits", "{ db: 4 }"))
                {
                    if (_values.Whole(limit.Value, $"the limit of {Quote.Shorten(limit.Key.Text)}", out int many))
                        job.Limits[limit.Key.Text] = many;
                }

                break;
            case "after":
                foreach (var item in value is MapList list ? list.Items : [value])
                    job.After.Add(ReadDependency(item));
                break;
            default:
                return false;
        }

        return true;
    }

    private JobDependency ReadDependency(MapNode item)
    {
        var (word, any) = _outcomes.Read(item, "after", "job");
        if (word.Length == 0)
            return new JobDependency();

        var dependency = JobDependencies.Parse(word, out var error);
        if (dependency is null)
            log.Spoil(item, $"after: {error}", "tasks of this map wait with an 'after' of their own");

        return new JobDependency(dependency ?? new JobDependency()) { AnyOutcome = any };
    }

    private void SetMaxFails(MapScalar key, int most, JobSpec job)
    {
        if (_maxFails is not null)
            log.Add(key, "both 'max_fails' and 'fail_fast'", "give one of them: fail_fast is max_fails: 0");

        _maxFails = key;
        job.MaxFails = most;
    }
}

using System.Collections.Immutable;

namespace Artel.Core.Tests;

/// <content>Random requests of users, and random faults.</content>
internal sealed partial class Simulation
{
    /// <summary>Something that a person does, or that goes wrong.</summary>
    private void Act()
    {
        var node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(40))
        {
            case < 5 when _watch.Unended.Count() < 6:
                _state.Submit(NextJob(), default, "", _random.Next(8) == 0, _now);
                break;
            case < 8:
                Unlink(node);
                break;
            case < 14:
                Link(node);
                break;
            case 14 when _random.Next(2) == 0:
                Unlink(node);
                _ghosts.Add(node.SplitOff());
                break;
            case 14:
                Unlink(node);
                node.Restart();
                break;
            case 15 when SomeJob() is { } job:
                _state.Cancel(job, SomeTasks(job), _now);
                break;
            case 16 or 17 when SomeJob() is { } job:
                _state.Retry(job, SomeTasks(job), _now);
                break;
            case 18 when _watch.Ended.ToArray() is { Length: > 0 } ended:
                var again = ended[_random.Next(ended.Length)];
                _state.Reopen(_store.LoadJob(again), _state.LastReopeningOf(again), SomeTasks(again), _now);
                break;
            case 19 when SomeJob() is { } job:
                _state.Hold(job, _random.Next(2) == 0);
                break;
            case 20:
                _state.Drain(node.Id, _random.Next(2) == 0, _random.Next(2) == 0 ? null : _now + TimeSpan.FromSeconds(_random.Next(0, 10)));
                break;
            case 21:
                node.GiveBack(_random.Next(1, 4));
                break;
            case 22 when node.Linked:
                // A goodbye: unstarted work is given back before, and the agent starts anew some time.
                node.GiveBack(int.MaxValue);
                Hear(node, int.MaxValue);
                _state.Stop(node.Id, node.Incarnation, _now);
                node.Restart();
                break;
            case 23 when _random.Next(4) == 0 && _state.Forget(node.Id, _now):
                Unlink(node);
                break;
            case 24 or 25:
                NoticeLinks();
                break;
            case 26 when SomeJob() is { } job:
                _state.SetPriority(job, _random.Next(3));
                break;
            case 27 when _random.Next(2) == 0:
                var own = ImmutableDictionary<string, int?>.Empty.Add("user-1", _random.Next(3) == 0 ? null : _random.Next(1, 5));
                _state.SetUserLimits(new UserLimits(_random.Next(3) == 0 ? _random.Next(1, 8) : null, own), "user-1");
                break;
            case 27:
                _state.SetLimit(RandomJobs.Tags[_random.Next(2)], _random.Next(4) == 0 ? null : _random.Next(1, 5));
                break;
            case 28 when SomeJob() is { } job:
                _state.Cancel(job, SomeTasks(job), _now, [TaskState.Ready, TaskState.Waiting]);
                break;
            case 29 when _random.Next(2) == 0:
                node.RunShort();
                break;
            case 29 or 30 when _random.Next(8) > 0:
                node.HaveAgain();
                break;
            case 30:
                node.Stop();
                break;
            case 31 when SomeJob() is { } job && _state.Jobs.Contains(job):
                var (spec, most) = (_watch.SpecOf(job), _random.Next(4));
                spec = spec with { Templates = [.. spec.Templates.Select(t => t with { AtOnce = most })] };
                _state.Revise(job, spec, default, "", new Dictionary<JobDependency, bool>());
                break;
            default:
                break;
        }
    }

    /// <summary>Begins commands on scattered tasks, and goes on with those that were begun.</summary>
    private void DoSlices(bool faults)
    {
        if (_isSliced && faults && _random.Next(6) == 0 && SomeJob() is { } job)
        {
            var every = _random.Next(1, 4);
            var numbers = Enumerable.Range(1, _watch.SpecOf(job).TaskCount).Where(n => n % every == 0);
            var tasks = TaskSet.Of(numbers.Select(n => new TaskRange(n, n)));
            var cancels = _random.Next(2) == 0;
            _commands.Add(within => cancels
                ? _state.CancelSome(job, tasks, within, _now)
                : _state.RetrySome(job, tasks, within, _now));
            _rests.Add(null);
        }

        for (var i = _commands.Count - 1; i >= 0; i--)
        {
            if (_commands[i](_rests[i]) is { IsDone: false } slice)
            {
                _rests[i] = slice.Rest ?? TaskSlice.Nothing;
            }
            else
            {
                _commands.RemoveAt(i);
                _rests.RemoveAt(i);
            }
        }
    }

    /// <summary>A job that may wait for others, or for tasks of them.</summary>
    private JobSpec NextJob()
    {
        var job = RandomJobs.Next(_random, NodeIds, _now).Build();
        var others = _watch.Unended.Intersect(_state.Jobs).Where(_ => _random.Next(8) == 0)
            .Select(other => new JobDependency(other, _random.Next(2) == 0 ? 0 : _random.Next(1, _watch.SpecOf(other).TaskCount + 1), _random.Next(2) == 0));
        return job with { After = [.. others] };
    }

    private JobId? SomeJob() => _watch.Unended.ToArray() is { Length: > 0 } jobs ? jobs[_random.Next(jobs.Length)] : null;

    private TaskRange[] SomeTasks(JobId job)
    {
        var count = _watch.SpecOf(job).TaskCount;
        var first = _random.Next(1, count + 1);
        return _random.Next(2) == 0 ? [] : [new TaskRange(first, _random.Next(first, count + 1))];
    }
}

using System.Runtime.CompilerServices;

namespace Artel.Core;

/// <summary>What must hold between any two commands.</summary>
public sealed partial class ClusterState
{
    /// <summary>Every broken invariant, as a sentence; empty while all is well. Visits everything: for tests and for an operator's check.</summary>
    public IReadOnlyList<string> CheckInvariants()
    {
        var broken = new List<string>();
        foreach (var job in _jobs.Values)
        {
            CheckTasks(job, broken);
            CheckLists(job, broken);
            CheckPictures(job, broken);
            Expect(broken, !job.IsOver, $"job {job.Id} has ended and is still here");
        }

        foreach (var node in _nodes.Values)
        {
            Check(node, broken);
        }

        for (var state = TaskState.Waiting; state <= TaskState.Skipped; state++)
        {
            var (total, sum) = (_taskTotals[(int)state], _jobs.Values.Sum(j => j[state]));
            Expect(broken, total == sum, $"all jobs together count {total} {state}, one by one {sum}");
        }

        foreach (var (name, user) in _users)
        {
            var (unfinished, inFlight) = (0L, 0);
            foreach (var job in _jobs.Values.Where(j => j.User == user))
            {
                (unfinished, inFlight) = (unfinished + job.Unfinished, inFlight + job.InFlight.Count);
            }

            Expect(broken, user.Unfinished == unfinished, $"user {name} counts {user.Unfinished} unfinished tasks, has {unfinished}");
            Expect(broken, user.InFlight == inFlight, $"user {name} counts {user.InFlight} leases, has {inFlight}");
            Expect(broken, user.Limit is null || user.Limit.Used == inFlight, $"the limit of user {name} counts {user.Limit?.Used} leases, there are {inFlight}");
        }

        broken.AddRange(_scheduler.Overlooked(_nodes));
        var held = _nodes.Values.Sum(n => n.Attempts.Count);
        var leased = _jobs.Values.Sum(j => j.InFlight.Count);
        Expect(broken, held == leased, $"nodes hold {held} leases, jobs have {leased} in flight");
        return broken;
    }

    private void CheckTasks(Job job, List<string> broken)
    {
        var counts = new int[(int)TaskState.Skipped + 1];
        foreach (var template in job.Templates)
        {
            var notFinished = template.After().Count(a => !a.On.Each && !a.Template.Meets(a.On));
            var unmet = template.UnmetWithin(template.All);
            Expect(broken, template.WaitingFor == notFinished, $"template {job.Id}/{template.Index} waits for {template.WaitingFor}, not {notFinished}");
            var inFlight = 0;
            for (var offset = 0; offset < template.Spec.Count; offset++)
            {
                counts[(int)template.StateOf(offset)]++;
                inFlight += job.InFlight.Contains(template.NumberAt(offset)) ? 1 : 0;
                var places = template.PlacesOf(offset);
                Expect(
                    broken, !template.IsBlocked(offset) || unmet.Contains(offset),
                    $"task {template.TaskAt(offset)} waits for its element, which has ended");
                Expect(
                    broken, !template.Fresh.Contains(offset) || !unmet.Contains(offset),
                    $"task {template.TaskAt(offset)} does not wait for its element, which has not ended");
                var avoids = job.Avoiding.TryGet(template.NumberAt(offset), out var avoided);
                Expect(broken, !avoids || job.Held || template.IsWaiting || _scheduler.Avoids(template, offset, avoided), $"task {template.TaskAt(offset)} avoids nodes and is not queued");
                Expect(broken, places == 1, $"task {template.TaskAt(offset)} is in {places} sets");
            }

            var queued = template.QueuedIn is not null;
            var takeable = template.Takeable > 0 && !template.IsWaiting && !job.Held;
            Expect(broken, queued == takeable, $"template {job.Id}/{template.Index} is {(queued ? "" : "not ")}queued");
            Expect(broken, template.InFlightCount == inFlight, $"template {job.Id}/{template.Index} counts {template.InFlightCount} in flight, has {inFlight}");
        }

        for (var state = (int)TaskState.Waiting; state <= (int)TaskState.Skipped; state++)
        {
            Expect(broken, counts[state] == job[(TaskState)state], $"job {job.Id} counts {job[(TaskState)state]} {(TaskState)state}, has {counts[state]}");
        }
    }

    /// <summary>What is counted by ranges is what is counted one by one.</summary>
    private void CheckPictures(Job job, List<string> broken)
    {
        const int Cells = 7;
        if (job.Spec.TaskCount == 0)
        {
            return;
        }

        var map = new TaskMap(new TaskRange(1, job.Spec.TaskCount), Cells);
        Fill(job.Id, map);
        var templates = ViewTemplates(job.Id, 0, int.MaxValue);
        for (var state = TaskState.Waiting; state <= TaskState.Skipped; state++)
        {
            var counts = new int[map.Cells];
            for (var task = 1; task <= job.Spec.TaskCount; task++)
            {
                var template = job.TemplateOf(task);
                counts[(task - 1) / map.CellSize] += template.StateOf(task - template.Spec.FirstTask) == state ? 1 : 0;
            }

            Expect(broken, map[state].SequenceEqual(counts) || (map[state].IsEmpty && !counts.AsSpan().ContainsAnyExcept(0)), $"the map of job {job.Id} has other {state} tasks than the job");
            var (sum, ofState) = (templates.Sum(t => t.Counts.Of(state)), state);
            Expect(broken, sum == job[ofState], $"the templates of job {job.Id} count {sum} {ofState}, the job {job[ofState]}");
        }
    }

    private static void CheckLists(Job job, List<string> broken)
    {
        foreach (var section in job.Sections)
        {
            var holding = job.InFlight.Values.Keys.Concat(job.BackingOff.Values.Keys).Count(n =>
                job.TemplateOf(n) is var t && t.Section == section && !HasStrayed(t, t.HistoryOf(n - t.Spec.FirstTask)));
            var ended = job.Templates.Where(t => t.Section == section).Sum(t => t.EndedCount);
            Expect(broken, section.Ended == ended, $"list of {section.Spec.Node} in job {job.Id} counts {section.Ended} ended, has {ended}");
            Expect(broken, section.Active == holding, $"list of {section.Spec.Node} in job {job.Id} has {section.Active} active, not {holding}");
            Expect(
                broken, section.Active <= section.Spec.AtOnce || job.IsRevised,
                $"list of {section.Spec.Node} in job {job.Id} runs {section.Active} of {section.Spec.AtOnce} at once");
        }
    }

    private void Check(NodeRecord node, List<string> broken)
    {
        var load = new Load();
        foreach (var attempt in node.Attempts.Values)
        {
            load.Add(attempt.Spec.Needs, 1);
            Expect(
                broken,
                attempt.Template.AttemptOf(attempt.Offset) == attempt && _jobs.ContainsKey(attempt.Task.Job),
                $"node {node.Id} holds {attempt.Lease} of {attempt.Task}, which does not know it");
        }

        Expect(
            broken,
            load.MilliCpus == node.Load.MilliCpus && load.MemoryBytes == node.Load.MemoryBytes && load.MilliGpus == node.Load.MilliGpus
            && load.Counters.SequenceEqual(node.Load.Counters),
            $"node {node.Id} has a load of {node.Load.MilliCpus} m cpus, its leases of {load.MilliCpus}");
        Expect(
            broken,
            node.PendingTime.Ticks == node.Attempts.Values.Sum(a => a.PendingTime.Ticks),
            $"node {node.Id} has {node.PendingTime} of work pending, its leases make another sum");
        Expect(broken, node.LongShare == node.Attempts.Values.Sum(a => a.LongShare), $"node {node.Id} has a long share of {node.LongShare}, its leases make another sum");
        Expect(
            broken,
            node.TakesAnyTask || (node.Attempts.Count <= node.MaxLeases && node.Attempts.Values.All(a => a.Template.Section?.Spec.Node == node.Id)),
            $"classic node {node.Id} holds {node.Attempts.Count} leases, or some that are not of its lists");
        var running = node.Attempts.Values.Count(a => a.State == TaskState.Running);
        Expect(broken, node.Running == running, $"node {node.Id} counts {node.Running} running, has {running}");
        Expect(
            broken,
            node.Condition is not (NodeCondition.Lost or NodeCondition.Stopped)
                || node.Attempts.Count == 0 || HasFollowups,
            $"node {node.Id} is {node.Condition} and holds {node.Attempts.Count} leases");
        Expect(broken, node.Draining || node.DrainDeadline is null, $"node {node.Id} has a deadline and does not drain");
        Expect(broken, _drainedBy.Contains(node.Id) == node.DrainDeadline is not null, $"node {node.Id} drains by {node.DrainDeadline}: noted or not?");
        Expect(
            broken,
            _resting.Where(r => r.Node == node.Id).Select(r => r.User).Order().SequenceEqual(node.Starts.Where(s => s.Value.NextTry is not null).Select(s => s.Key).Order()),
            $"node {node.Id} rests for {string.Join(", ", node.Starts.Where(s => s.Value.NextTry is not null).Select(s => s.Key))}: noted or not?");
        Expect(broken, _away.Contains(node.Id) == (node.Condition == NodeCondition.Disconnected), $"node {node.Id} is {node.Condition}: away or not?");
    }

    private static void Expect(List<string> broken, bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] OtherwiseHandler otherwise)
    {
        if (!holds)
        {
            broken.Add(otherwise.ToString());
        }
    }

    /// <summary>Writes its sentence only where the invariant does not hold: there are many of them, and most hold.</summary>
    [InterpolatedStringHandler]
    private ref struct OtherwiseHandler
    {
        private DefaultInterpolatedStringHandler _text;

        public OtherwiseHandler(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = holds ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}

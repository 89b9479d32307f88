namespace Artel.Core;

/// <summary>
/// Classes with tasks that any fitting node may take: by priority, by user, and for each user in the order in which
/// they are served. Notes which of them have gained something since they were looked at last.
/// </summary>
internal sealed class WaitingClasses
{
    private static readonly Comparer<TaskClass> Served =
        Comparer<TaskClass>.Create((a, b) => (a.FirstJob, a.Number).CompareTo((b.FirstJob, b.Number)));

    private readonly Dictionary<ClassKey, TaskClass> _byKey = [];
    private readonly SortedDictionary<int, Dictionary<UserLoad, SortedSet<TaskClass>>> _levels =
        new(Comparer<int>.Create((a, b) => b.CompareTo(a)));

    private readonly HashSet<TaskClass> _gained = [];

    /// <summary>
    /// The class of the template that was queued last: the next one is mostly alike, and it is not looked for.
    /// </summary>
    private TaskClass? _last;

    private long _made;
    private int _withoutCpus;

    /// <summary>In no order.</summary>
    public IReadOnlyCollection<TaskClass> All => _byKey.Values;

    /// <summary>Whether a class has gained something that was not looked at yet.</summary>
    public bool HaveGained => _gained.Count > 0;

    /// <summary>Priorities at which tasks wait, the highest first.</summary>
    public IEnumerable<int> Priorities => _levels.Keys;

    /// <summary>Whether tasks wait that need no cpu.</summary>
    public bool HaveTasksWithoutCpus => _withoutCpus > 0;

    public bool Contains(ClassKey key) => _byKey.ContainsKey(key);

    /// <summary>
    /// Adds a template that has tasks to take. The class has gained something, also if the template was in it before.
    /// </summary>
    public void Add(Template template)
    {
        var taskClass = template.QueuedIn ?? ClassOf(template);
        if (template.QueuedIn is null)
        {
            Add(taskClass, template.Job, new TaskRange(template.Index, template.Index));
            template.QueuedIn = taskClass;
        }

        _gained.Add(taskClass);
    }

    /// <summary>Adds all templates of a job that have tasks to take. None of them may be in a class.</summary>
    public void AddAll(Job job)
    {
        for (var first = 0; first < job.Templates.Length;)
        {
            var template = job.Templates[first];
            var end = first + 1;
            if (template.IsTakeable)
            {
                var taskClass = template.QueuedIn = ClassOf(template);
                while (end < job.Templates.Length && job.Templates[end] is { IsTakeable: true } next
                    && next.Group == template.Group)
                {
                    next.QueuedIn = taskClass;
                    end++;
                }

                Add(taskClass, job, new TaskRange(first, end - 1));
                _gained.Add(taskClass);
            }

            first = end;
        }
    }

    /// <summary>Takes out a template, with its class where that was all of it.</summary>
    /// <returns>The class, if it has gone; else null.</returns>
    public ClassKey? Remove(Template template)
    {
        if (template.QueuedIn is not { } taskClass)
        {
            return null;
        }

        var changesFirst = taskClass.IsAllOfFirst(template);
        if (changesFirst)
        {
            TakeOut(taskClass);
        }

        taskClass.Remove(template);
        template.QueuedIn = null;
        if (taskClass.IsEmpty)
        {
            Forget(taskClass);
            return taskClass.Key;
        }

        if (changesFirst)
        {
            PutIn(taskClass);
        }

        return null;
    }

    /// <summary>Takes out all templates of a job.</summary>
    /// <returns>Classes that have gone.</returns>
    public IReadOnlyList<ClassKey> RemoveAll(Job job)
    {
        var classes = new HashSet<TaskClass>();
        TaskClass? last = null;
        foreach (var template in job.Templates)
        {
            if (template.QueuedIn is { } taskClass)
            {
                template.QueuedIn = null;
                if (taskClass != last)
                {
                    classes.Add(last = taskClass);
                }
            }
        }

        var gone = new List<ClassKey>();
        foreach (var taskClass in classes)
        {
            var wasFirst = taskClass.FirstJob == job.Id;
            if (wasFirst)
            {
                TakeOut(taskClass);
            }

            taskClass.Remove(job);
            if (taskClass.IsEmpty)
            {
                Forget(taskClass);
                gone.Add(taskClass.Key);
            }
            else if (wasFirst)
            {
                PutIn(taskClass);
            }
        }

        return gone;
    }

    /// <summary>The class is to be looked at on all nodes, unless it has gone.</summary>
    public void Gain(TaskClass taskClass)
    {
        if (!taskClass.IsEmpty)
        {
            _gained.Add(taskClass);
        }
    }

    public void GainAll() => _gained.UnionWith(_byKey.Values);

    /// <summary>What has gained something since this was called last.</summary>
    public HashSet<TaskClass> TakeGained()
    {
        HashSet<TaskClass> gained = [.. _gained];
        _gained.Clear();
        return gained;
    }

    /// <summary>The classes of a priority by user, each user's in the order in which they are served.</summary>
    public IEnumerable<(UserLoad User, TaskClass[] Classes)> At(int priority)
    {
        if (_levels.TryGetValue(priority, out var users))
        {
            foreach (var (user, classes) in users)
            {
                yield return (user, [.. classes]);
            }
        }
    }

    /// <summary>Puts classes into the order in which they are served.</summary>
    public static TaskClass[] InOrder(IEnumerable<TaskClass> classes) => [.. classes.Order(Served)];

    private TaskClass ClassOf(Template template)
    {
        var key = ClassKey.Of(template);
        var taskClass = _last is { IsEmpty: false } last && last.Key.Equals(key) ? last : _byKey.GetValueOrDefault(key);
        if (taskClass is null)
        {
            _byKey[key] = taskClass = new TaskClass(key, template.Job.User, ++_made);
            _withoutCpus += key.Needs.MilliCpus == 0 ? 1 : 0;
        }

        return _last = taskClass;
    }

    private void Add(TaskClass taskClass, Job job, TaskRange templates)
    {
        var goesFirst = taskClass.GoesFirst(job);
        if (goesFirst && !taskClass.IsEmpty)
        {
            TakeOut(taskClass);
        }

        taskClass.Add(job, templates);
        if (goesFirst)
        {
            PutIn(taskClass);
        }
    }

    private void Forget(TaskClass taskClass)
    {
        _byKey.Remove(taskClass.Key);
        _gained.Remove(taskClass);
        _withoutCpus -= taskClass.Key.Needs.MilliCpus == 0 ? 1 : 0;
    }

    private void PutIn(TaskClass taskClass)
    {
        if (!_levels.TryGetValue(taskClass.Key.Priority, out var users))
        {
            _levels[taskClass.Key.Priority] = users = [];
        }

        if (!users.TryGetValue(taskClass.User, out var classes))
        {
            users[taskClass.User] = classes = new SortedSet<TaskClass>(Served);
        }

        classes.Add(taskClass);
    }

    private void TakeOut(TaskClass taskClass)
    {
        var users = _levels[taskClass.Key.Priority];
        var classes = users[taskClass.User];
        classes.Remove(taskClass);
        if (classes.Count == 0)
        {
            users.Remove(taskClass.User);
        }

        if (users.Count == 0)
        {
            _levels.Remove(taskClass.Key.Priority);
        }
    }
}

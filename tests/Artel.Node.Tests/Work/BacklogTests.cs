using Artel.Node.Work;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Node.Tests.Work;

public sealed class BacklogTests
{
    private readonly Backlog _backlog = new();
    private readonly FreeResources _free = new(new Resources { MilliCpus = 4000, MemoryBytes = 100, Counters = { ["licence"] = 1 } }, [], []);

    [Fact]
    public void Tasks_start_in_the_order_in_which_they_came()
    {
        Add(first: 1, count: 2);
        Add(first: 10, count: 1);

        Assert.Equal([1, 2, 10], TakeAll());
    }

    [Fact]
    public void A_task_knows_its_number_its_position_and_its_attempt()
    {
        _backlog.Add(new GrantedRange(Template(0), new Grant { FirstTask = 7, FirstPosition = 3, Attempt = 2, Leases = Range(100, 2) }));

        _backlog.TakeNext(_free, true, 0);
        var second = _backlog.TakeNext(_free, true, 0);

        Assert.Equal((new LeaseId(1, 101), 8, 4, 2), (second!.Value.Lease, second.Value.Task, second.Value.Position, second.Value.Attempt));
    }

    [Fact]
    public void A_task_keeps_its_entry_also_where_others_of_its_grant_are_taken_out()
    {
        var template = new TaskTemplate { Axes = { new Axis { Name = "x" } } };
        var grant = new Grant { FirstTask = 7, FirstPosition = 3, Leases = Range(100, 4), Entries = { "1", "2", "3", "4" } };
        var range = new GrantedRange(new JobTemplate(1, template), grant);

        var (_, behind) = range.TakeOut(Range(101, 2));

        Assert.Equal(new TaskEntry("1", IsJson: true), range.TakeFirst().Entry);
        var last = behind!.TakeFirst();
        Assert.Equal((10, "4"), (last.Task, last.Entry!.Value.Value));
        Assert.Equal(7L, last.Template.IndexAt(last.Position));
    }

    [Fact]
    public void A_small_task_may_go_before_a_large_one_that_does_not_fit()
    {
        Occupy(2000);
        Add(first: 1, milliCpus: 3000);
        Add(first: 2, milliCpus: 1000);

        Assert.Equal(2, Take());
        Assert.Null(Take());
    }

    [Fact]
    public void But_not_for_ever()
    {
        var occupied = Occupy(2000);
        Add(first: 1, milliCpus: 3000);
        Add(first: 1000, count: 1000, milliCpus: 0);

        for (var i = 0; i < Backlog.MaxPassedOver; i++)
            Assert.Equal(1000 + i, Take());

        Assert.Null(Take());
        _free.GiveBack(occupied, Allotment.None);
        Assert.Equal(1, Take());
        Assert.Equal(1000 + Backlog.MaxPassedOver, Take());
    }

    [Fact]
    public void Nor_for_long()
    {
        Occupy(2000);
        Add(first: 1, milliCpus: 3000);
        Add(first: 2, count: 10, milliCpus: 0);

        Assert.Equal(2, Take(nowMilliseconds: 1_000));
        Assert.Null(Take(nowMilliseconds: 1_000 + Backlog.MaxPassedOverMilliseconds));
    }

    [Fact]
    public void What_can_never_fit_is_not_waited_for()
    {
        Add(first: 1, milliCpus: 5000);
        Add(first: 2);

        Assert.Equal([1, 2], TakeAll(occupying: false));
    }

    [Fact]
    public void Memory_gpus_and_counters_count_too()
    {
        var licence = new TaskTemplate { Needs = new Needs { MilliCpus = 0, Counters = { ["licence"] = 1 } } };
        var memory = new TaskTemplate { Needs = new Needs { MilliCpus = 0, MemoryBytes = 60 } };
        Add(licence, first: 1, count: 2);
        Add(memory, first: 11, count: 2);

        Assert.Equal([1, 11], TakeAll());
        Assert.Equal(2, _backlog.Count);
    }

    [Fact]
    public void A_reclaim_takes_from_the_end()
    {
        Add(first: 1, count: 5);
        Add(first: 10, count: 2);

        var taken = _backlog.TakeLast(4);

        Assert.Equal([Range(10, 2), Range(4, 2)], taken);
        Assert.Equal([1, 2, 3], TakeAll());
    }

    [Fact]
    public void Leases_are_taken_out_of_the_middle()
    {
        Add(first: 1, count: 10);
        Add(first: 20, count: 2);

        Assert.Equal([Range(4, 3)], _backlog.TakeOut(Range(4, 3)));
        Assert.Equal([Range(9, 2), Range(20, 1)], _backlog.TakeOut(Range(9, 12)));
        Assert.Empty(_backlog.TakeOut(new LeaseRange { Epoch = 2, FirstSequence = 1, Count = 100 }));

        Assert.Equal(6, _backlog.Count);
        Assert.Equal([1, 2, 3, 7, 8, 21], TakeAll(occupying: false));
    }

    [Fact]
    public void Taking_out_keeps_each_lease_with_its_task()
    {
        Add(first: 1, count: 10);

        _backlog.TakeOut(Range(1, 7));

        Assert.Equal((new LeaseId(1, 8), 8), (_backlog.TakeNext(_free, true, 0) is { } t ? (t.Lease, t.Task) : default));
    }

    private static LeaseRange Range(long first, int count) => new() { Epoch = 1, FirstSequence = first, Count = count };

    private static JobTemplate Template(int milliCpus) => new(1, new TaskTemplate { Needs = new Needs { MilliCpus = milliCpus } });

    private void Add(long first, int count = 1, int milliCpus = 500) =>
        _backlog.Add(new GrantedRange(Template(milliCpus), new Grant { FirstTask = (int)first, Leases = Range(first, count) }));

    private void Add(TaskTemplate template, long first, int count) =>
        _backlog.Add(new GrantedRange(new JobTemplate(1, template), new Grant { Leases = Range(first, count) }));

    private LocalNeeds Occupy(int milliCpus)
    {
        var needs = Template(milliCpus).Needs;
        _free.Take(needs);
        return needs;
    }

    private long? Take(long nowMilliseconds = 0, bool occupying = true)
    {
        if (_backlog.TakeNext(_free, true, nowMilliseconds) is not { } task)
            return null;

        if (occupying)
            _free.Take(task.Template.Needs);

        return task.Lease.Sequence;
    }

    private List<long> TakeAll(bool occupying = true)
    {
        var taken = new List<long>();
        while (Take(occupying: occupying) is { } sequence)
            taken.Add(sequence);

        return taken;
    }
}

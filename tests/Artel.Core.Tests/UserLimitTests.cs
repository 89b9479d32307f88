using System.Collections.Immutable;

namespace Artel.Core.Tests;

/// <summary>How many tasks of a user may run, and what each user has.</summary>
public sealed class UserLimitTests
{
    private readonly TestCluster _cluster = new();

    public UserLimitTests() => _cluster.Connect("1", cpus: 16);

    [Fact]
    public void A_user_has_no_more_tasks_assigned_than_they_may_and_holds_up_nobody_else()
    {
        Limit(null, ("alice", 2));

        var first = Submit(3, "alice");
        var second = Submit(2, "alice");
        var others = Submit(5, "bob");

        Assert.Equal((2, 0, 5), (Leased(first), Leased(second), Leased(others)));
        Assert.Equal([new QuotaReached("alice", 2, 2)], _cluster.Why(second, 1));
        Assert.Equal([(new QuotaReached("alice", 2, 2), 2)], _cluster.Why(second));
        Assert.Contains((new QuotaReached("alice", 2, 2), 1), _cluster.Why(first));
        Assert.All(_cluster.Why(others), r => Assert.IsType<InFlight>(r.Why));

        _cluster.Succeed(first, 1);
        Assert.Equal((2, 0), (Leased(first), Leased(second)));
        _cluster.Succeed(first, 2);
        _cluster.Succeed(first, 3);
        Assert.Equal(2, Leased(second));
    }

    [Fact]
    public void A_limit_is_the_users_own_or_the_default_and_may_change_while_tasks_run()
    {
        var job = Submit(10, "alice");
        Assert.Equal(10, Leased(job));

        // What runs goes on; no more starts.
        Limit(3);
        Assert.Equal(10, Leased(job));
        var later = Submit(10, "alice");
        for (var task = 1; task <= 7; task++)
        {
            _cluster.Succeed(job, task);
            Assert.Equal(0, Leased(later));
        }

        _cluster.Succeed(job, 8);
        Assert.Equal(1, Leased(later));
        Limit(3, ("alice", 5));
        Assert.Equal(3, Leased(later));
        Limit(3, ("alice", null));
        Assert.Equal(10, Leased(later));
        Assert.Equal(3, Leased(Submit(10, "bob")));
    }

    [Fact]
    public void A_limit_holds_with_those_of_tags_and_for_lists_of_nodes()
    {
        Limit(3);
        _cluster.Do(s => s.SetLimit("db", 1));
        var tagged = _cluster.Submit(JobBuilder.Array(5, t => t with { Tags = ["db"] }).With(j => j with { User = "alice" }));
        var list = _cluster.Submit(new JobBuilder().List("1", 5, atOnce: 5).With(j => j with { User = "alice" }));

        Assert.Equal((1, 2), (Leased(tagged), Leased(list)));
        Assert.Equal([new TagLimitReached("db", 1, 1)], _cluster.Why(tagged, 5));
    }

    [Fact]
    public void What_a_user_has_is_counted()
    {
        var job = Submit(5, "alice");
        Assert.Equal(new UserView("alice", 5, 5, 0), _cluster.State.ViewUser("alice"));

        _cluster.Succeed(job, 1);
        _cluster.Do(s => s.Cancel(job, [new TaskRange(2, 2)], _cluster.Now));
        Assert.Equal((3, 3), (_cluster.State.ViewUser("alice").Unfinished, _cluster.State.ViewUser("alice").Running));
        Assert.Equal(["alice"], _cluster.State.ViewUsers().Select(u => u.User));
        Assert.Equal(new UserView("bob", 0, 0, 0), _cluster.State.ViewUser("bob"));
    }

    private JobId Submit(int tasks, string user) => _cluster.Submit(JobBuilder.Array(tasks).With(j => j with { User = user }));

    private int Leased(JobId job) => _cluster.State.View(job)!.Counts.Leased;

    private void Limit(int? byDefault, params (string User, int? Most)[] own) => _cluster.Do(s => s.SetUserLimits(
        new UserLimits(byDefault, own.ToImmutableDictionary(o => o.User, o => o.Most)), ""));
}

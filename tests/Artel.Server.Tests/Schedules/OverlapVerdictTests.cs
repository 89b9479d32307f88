using Artel.Core;
using Artel.Protocol.V1;
using Artel.Server.Schedules;

namespace Artel.Server.Tests.Schedules;

/// <summary>What becomes of a time while earlier jobs have not ended.</summary>
public sealed class OverlapVerdictTests
{
    private static readonly JobId[] Two = [new(4), new(9)];

    [Theory]
    [InlineData(Overlap.Skip)]
    [InlineData(Overlap.After)]
    [InlineData(Overlap.Allow)]
    [InlineData(Overlap.Replace)]
    public void Where_all_have_ended_a_job_is_simply_made(Overlap overlap)
    {
        var verdict = OverlapVerdict.Of(overlap, []);

        Assert.Equal(("", 0, 0), (verdict.Reason, verdict.Cancel.Count, verdict.After.Count));
    }

    [Fact]
    public void Skip_makes_none_and_names_the_one_that_runs() => Assert.Equal("job 9 has not ended", OverlapVerdict.Of(Overlap.Skip, Two).Reason);

    [Fact]
    public void After_waits_for_those_that_run_and_cancels_none()
    {
        var verdict = OverlapVerdict.Of(Overlap.After, Two);

        Assert.Equal("", verdict.Reason);
        Assert.Equal(Two, verdict.After);
        Assert.Empty(verdict.Cancel);
    }

    [Fact]
    public void Replace_cancels_them_and_starts_when_they_are_gone()
    {
        var verdict = OverlapVerdict.Of(Overlap.Replace, Two);

        Assert.Equal("", verdict.Reason);
        Assert.Equal(Two, verdict.Cancel);
        Assert.Equal(Two, verdict.After);
    }

    [Fact]
    public void Allow_looks_at_nothing() => Assert.Empty(OverlapVerdict.Of(Overlap.Allow, Two).After);

    [Fact]
    public void Who_never_catches_up_does_not_fill_the_server()
    {
        var many = Enumerable.Range(1, OverlapVerdict.MostWaiting).Select(i => new JobId(i)).ToArray();

        Assert.Contains("no more than 100 wait", OverlapVerdict.Of(Overlap.After, many).Reason, StringComparison.Ordinal);
        var verdict = OverlapVerdict.Of(Overlap.After, many[..^1]);
        Assert.Equal("", verdict.Reason);
        Assert.Equal(new JobId(99), verdict.After[^1]);
    }
}

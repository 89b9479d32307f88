namespace Artel.Core.Tests;

public sealed class ReopeningsTests
{
    [Fact]
    public void Every_reopening_of_a_job_is_seen_and_others_are_seldom_taken_for_one()
    {
        var reopenings = new Reopenings();
        var (job, other) = (new JobId(1), new JobId(2));
        var mistaken = 0;
        for (var i = 0; i < 3 * Reopenings.MaxJobs; i++)
        {
            var (before, others) = (reopenings.LastOf(job), reopenings.LastOf(other));
            reopenings.Note(new JobId(1000 + i));
            reopenings.Note(job);

            Assert.NotEqual(before, reopenings.LastOf(job));
            mistaken += reopenings.LastOf(other) == others ? 0 : 1;
        }

        Assert.InRange(mistaken, 1, 4);
    }
}

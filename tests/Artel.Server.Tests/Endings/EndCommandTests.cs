using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Endings;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Endings;

/// <summary>The job that an on-end command becomes.</summary>
public sealed class EndCommandTests
{
    [Fact]
    public void It_is_a_job_of_its_own_that_knows_what_has_ended()
    {
        var job = Of("nightly report", ["./notify.sh", "{job}", "{state}: {name}", "{other}"]);

        Assert.Equal("on-end of 12", job.Name);
        Assert.Null(job.OnEnd);
        var task = Assert.Single(job.Tasks);
        Assert.Equal(["./notify.sh", "12", "failed: nightly report", "{other}"], task.Run);
        Assert.Equal(("/home/ada", 0, 3), (task.Cwd, task.Needs.MilliCpus, task.Retry.Retries));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ARTEL_ENDED_JOB"] = "12",
                ["ARTEL_ENDED_NAME"] = "nightly report",
                ["ARTEL_ENDED_STATE"] = "failed",
                ["ARTEL_ENDED_SUCCEEDED"] = "5",
                ["ARTEL_ENDED_FAILED"] = "2",
                ["ARTEL_ENDED_CANCELLED"] = "1",
                ["ARTEL_ENDED_SKIPPED"] = "3",
                ["ARTEL_ENDED_URL"] = "https://here/v1/jobs/12",
            },
            task.Env);
        Assert.Empty(JobSpecs.ValidateSpec(job));
    }

    [Theory]
    [InlineData("{state}")]
    [InlineData("a{index}b")]
    [InlineData("a{entry.x}b")]
    [InlineData("$(rm -rf /)")]
    public void No_name_of_a_job_makes_more_of_it_than_text(string name)
    {
        var job = Of(name, ["echo", "{name}"]);

        Assert.Empty(JobSpecs.ValidateSpec(job));
        Assert.Equal(name, TaskMarks.Fill(job.Tasks[0].Run[1], index: 7, entry: null));
    }

    private static V1.JobSpec Of(string name, string[] command)
    {
        var ended = new V1.JobSpec { Name = name, OnEnd = new V1.OnEnd { Cwd = "/home/ada", Command = { command } } };
        var ending = new Ending(1, new JobId(12), JobState.Failed, DateTimeOffset.UnixEpoch, new TaskCounts(11, 0, 0, 0, 0, 5, 2, 1, 3), 0);
        return EndCommand.Of(ending, ended, "https://here/v1/jobs/12");
    }
}

using Artel.Protocol.Text;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Tests.Text;

public sealed class ReasonTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Counted_reasons_read_as_sentences()
    {
        Says("18 tasks wait for 'clean': 3 of 21 have succeeded", new Reason { Kind = ReasonKind.After, Tasks = 18, Name = "clean", Used = 3, Most = 21 });
        Says(
            "5 tasks wait for the limit of the tag db: 4 of 4 are running or about to ('artel limit set db=N' changes it)",
            new Reason { Kind = ReasonKind.TagLimit, Tasks = 5, Tag = "db", Used = 4, Most = 4 });
        Says(
            "1 task fits no node: 8 gpus asked, at most 0",
            new Reason { Kind = ReasonKind.FitsNoNode, Tasks = 1, Lack = new NodeLack { Kind = LackKind.Resource, What = "gpus", Asked = 8000 } });
        Says("2 tasks wait behind job 7, whose priority is 5, not 0", new Reason { Kind = ReasonKind.Priority, Tasks = 2, Job = 7, Used = 5 });
        Says("1 task waits for its retry until 12:00:30", new Reason { Kind = ReasonKind.Backoff, Tasks = 1, Until = At(30), UntilLast = At(30) });
        Says(
            "3 tasks run on nodes a (2), b (1), the first since 12:00:05",
            new Reason { Kind = ReasonKind.Running, Tasks = 3, Since = At(5), Where = { new NodeTasks { Node = "a", Tasks = 2 }, new NodeTasks { Node = "b", Tasks = 1 } } });
    }

    [Fact]
    public void Every_kind_has_words_of_its_own()
    {
        var kinds = System.Enum.GetValues<ReasonKind>().Where(k => k != ReasonKind.Unspecified).ToList();
        foreach (var kind in kinds)
        {
            var reason = new Reason { Kind = kind, Tasks = 2, Node = "n", Lack = new NodeLack { Kind = LackKind.Lost }, State = TaskState.Running };
            Assert.DoesNotMatch(@"^2 tasks wait\.?$", ReasonText.OfTasks(reason, Moment));
            Assert.True(ReasonText.Brief(reason, Now).Length > 0 || kind is ReasonKind.Running or ReasonKind.Assigned, kind.ToString());
        }
    }

    [Fact]
    public void Details_tell_who_goes_first_when_it_may_start_and_what_each_node_lacks()
    {
        var reason = new Reason
        {
            Kind = ReasonKind.Room,
            Tasks = 4,
            Ahead = 12,
            EstimatedStart = At(90),
            NodesLookedAt = 4,
            Nodes =
            {
                new NodesLacking { Nodes = 2, Some = { "a", "b" }, Lack = new NodeLack { Kind = LackKind.Room, What = "cpus", Asked = 2000, Most = 1500 } },
                new NodesLacking { Nodes = 1, Some = { "c" }, Lack = new NodeLack { Kind = LackKind.Labels, What = "os=linux" } },
            },
        };

        Assert.Equal(
            [
                "12 tasks go first", "estimated start of the first: 12:01:30 (in 1m30s), by how long such tasks took", "4 nodes were looked at:",
                "  2: 2 cpus asked, at most 1.5 free (a, b)", "  1: does not have the labels os=linux (c)", "  1: other reasons",
            ],
            ReasonText.Details(reason, Now, Moment));
    }

    [Theory]
    [InlineData("skipped: it needs 'clean', which did not succeed", 3, "3 tasks were skipped: they need 'clean', which did not succeed")]
    [InlineData("skipped: it needs job 5, which did not succeed", 1, "1 task was skipped: it needs job 5, which did not succeed")]
    public void Skipped_tasks_say_why(string reason, int tasks, string expected) =>
        Assert.Equal(expected, ReasonText.OfEnd(TaskState.Skipped, reason, tasks));

    [Theory]
    [InlineData("cancelled by alice", 2, "2 tasks were cancelled by alice")]
    [InlineData("its job's deadline is over", 1, "1 task was cancelled: its job's deadline is over")]
    public void Cancelled_tasks_say_by_whom(string reason, int tasks, string expected) =>
        Assert.Equal(expected, ReasonText.OfEnd(TaskState.Cancelled, reason, tasks));

    [Fact]
    public void A_job_of_which_nothing_was_started_ends_with_a_whole_sentence()
    {
        var job = new Job { Id = 3, State = JobState.Cancelled, Counts = new TaskCounts { Total = 1, Skipped = 1 } };

        Assert.Equal("Job 3 cancelled: 1 task skipped; 'artel why 3' says why.", JobText.EndLine(job, Now));
    }

    private static void Says(string expected, Reason reason) =>
        Assert.Equal(expected, ReasonText.OfTasks(reason, Moment));

    private static string Moment(DateTimeOffset time) =>
        time.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    private static Timestamp At(int seconds) => Timestamp.FromDateTimeOffset(Now.AddSeconds(seconds));
}

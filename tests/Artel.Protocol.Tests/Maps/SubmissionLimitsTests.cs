using System.Text;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Protocol.Tests.Maps;

/// <summary>What one submission may cost: refused in one line that names the limit, what was asked for and the maximum, and counted before anything is made of the bytes.</summary>
public sealed class SubmissionLimitsTests
{
    [Fact]
    public void More_tasks_than_may_be_written_out_are_refused_in_one_line()
    {
        var job = new JobSpec();
        for (var i = 0; i <= SubmissionLimits.MaxTemplates; i++)
            job.Tasks.Add(new TaskTemplate { Run = { "a" } });

        Assert.Equal(
            "the job has 100,001 tasks that are written out: at most 100,000: use an array or a list of entries, or split the job",
            Assert.Single(JobSpecs.ValidateSpec(job)).ToString());
    }

    [Fact]
    public void A_map_of_seven_hundred_thousand_tasks_is_refused_where_it_becomes_too_long()
    {
        var text = $"tasks: [{string.Join(',', Enumerable.Repeat("[ls]", 700_000))}]";

        var mistake = Assert.Single(Map.Mistakes(text));

        Assert.Contains(
            "the map has more than 100,000 tasks that are written out: use an array or a list of entries, or split it into several maps", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_is_refused_with_its_maximum()
    {
        Assert.Equal("the job has 500,001 names in 'after' and 'after_each': at most 500,000", Problem(new SubmissionSize(1, 500_001, 0, 0, 0)));
        Assert.Equal("the job has 4,000,001 arguments, tags and entries: at most 4,000,000", Problem(new SubmissionSize(1, 0, 4_000_001, 0, 0)));
        Assert.Equal("the job has 1,000,001 variables, labels and counters: at most 1,000,000", Problem(new SubmissionSize(1, 0, 0, 1_000_001, 0)));
        Assert.Equal("the job has 1,000,001 ranges: at most 1,000,000", Problem(new SubmissionSize(1, 0, 0, 0, 1_000_001)));
        Assert.Equal("the job has 1,001 different tags: at most 1,000", Problem(new SubmissionSize(1, 0, 0, 0, 0, 1001)));
        Assert.Null(SubmissionLimits.Problem(new SubmissionSize(100_000, 500_000, 4_000_000, 1_000_000, 1_000_000, 1000)));

        static string? Problem(SubmissionSize size) => SubmissionLimits.Problem(size)?.Problem;
    }

    [Fact]
    public void What_a_process_cannot_be_started_with_is_refused()
    {
        var task = new TaskTemplate { Run = { string.Concat(Enumerable.Repeat("{entry}", 200)) }, Axes = { new Axis { Values = { new string('x', 60_000) } } } };

        Assert.Contains("arguments and environment take up to 12,0", Assert.Single(JobSpecs.ValidateSpec(new JobSpec { Tasks = { task } })).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_counts_as_the_job_in_it()
    {
        var job = Map.Job("""
            tags: [x]
            limits: { db: 4 }
            nodes: { 1: [[a], [b, c]] }
            tasks:
              - { name: p, run: [a, b], array: "1-3,7-9", env: { A: 1, B: 2 }, tags: [y] }
              - { run: [a], after_each: p, entries: [1, 2, 3, 4, 5, 6], labels: { os: linux }, needs: { counters: { l: 1 } }, retry: { retries: 1, retry_on: [3, 5] } }
            """);
        var counted = SubmissionSize.Of(job);

        Assert.Equal(new SubmissionSize(5, 1, 15, 5, 4, 2), counted);
        var ofMessage = SubmissionSize.OfMessage(new SubmitRequest { Job = job, RequestId = "r" }.ToByteArray(), SubmitRequest.Descriptor)!.Value;
        Assert.Equal((counted.Templates, counted.Edges, counted.Pairs, counted.Ranges), (ofMessage.Templates, ofMessage.Edges, ofMessage.Pairs, ofMessage.Ranges - 1));
        var ofJson = SubmissionSize.OfJson(Encoding.UTF8.GetBytes($$"""{"job": {{JsonFormatter.Default.Format(job)}}}"""));
        Assert.Equal((counted.Templates, counted.Edges, counted.Pairs), (ofJson.Templates, ofJson.Edges, ofJson.Pairs));
    }

    [Fact]
    public void Two_bytes_for_a_task_are_counted_and_not_parsed()
    {
        // Field 5 of a job, empty, sixteen million times.
        var tasks = new byte[32_000_000];
        for (var i = 0; i < tasks.Length; i += 2)
            tasks[i] = 0x2a;

        using var request = new MemoryStream();
        var writer = new CodedOutputStream(request, leaveOpen: true);
        writer.WriteTag(1, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(ByteString.CopyFrom(tasks));
        writer.Flush();
        var bytes = request.ToArray();

        // The first use of a descriptor builds it.
        _ = SubmissionSize.OfMessage([], SubmitRequest.Descriptor);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var size = SubmissionSize.OfMessage(bytes, SubmitRequest.Descriptor)!.Value;

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Contains("at most 100,000", SubmissionLimits.Problem(size)!.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"job\":{\"tasks\":[", "{}")]
    [InlineData("{\"job\":{\"sections\":[{\"tasks\":[", "{}")]
    [InlineData("{\"job\":{\"sections\":[", "{}")]
    public void Two_characters_of_json_for_a_task_are_counted_and_not_parsed(string begin, string task)
    {
        var json = Encoding.UTF8.GetBytes(begin + string.Join(',', Enumerable.Repeat(task, 200_000)));
        _ = SubmissionSize.OfJson("{}"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var size = SubmissionSize.OfJson(json);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Contains("at most 100,000", SubmissionLimits.Problem(size)!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_none() =>
        Assert.Null(SubmissionSize.OfMessage([0x0a, 0x05, 0x2b, 0x2c, 0x00], SubmitRequest.Descriptor));
}

using Artel.Protocol.Tracing;
using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Tracing;

/// <summary>The text of W3C Trace Context, and ids that both sides come to.</summary>
public sealed class TraceParentTests
{
    private const string Valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(Valid, true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true)]
    public void A_valid_one_is_read(string text, bool isRecorded)
    {
        var parent = TraceParent.Parse(text);

        Assert.Equal(isRecorded, parent!.IsRecorded);
        Assert.Equal(text[..53], parent.ToString()[..53]);
    }

    [Fact]
    public void One_of_a_later_version_is_read_as_far_as_it_is_known() => Assert.Equal(Valid, TraceParent.Parse("cc" + Valid[2..] + "-what-comes")?.ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01")]
    [InlineData("zz-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public void Another_text_is_none(string? text) => Assert.Null(TraceParent.Parse(text));

    [Fact]
    public void Ids_follow_from_cluster_job_task_and_attempt_and_stay_what_they_are()
    {
        var terms = new TraceTerms { Seed = TaskTraces.SeedOf("a cluster", 12) };

        // As nodes and stores out there have worked them out: never to be changed.
        Assert.Equal("00-9d283a694fc878cb9b1478b873b7e1f4-9a424997d72b9fe7-00", TaskTraces.ParentOf(terms, 3, 1).ToString());
        string[] all =
        [
            Trace(terms, 3), Trace(terms, 4), Trace(new TraceTerms { Seed = TaskTraces.SeedOf("a cluster", 13) }, 3), Trace(new TraceTerms { Seed = TaskTraces.SeedOf("another", 12) }, 3),
            Span(terms, 3, 0), Span(terms, 3, 1), Span(terms, 3, 2), Span(terms, 4, 1),
        ];
        Assert.Distinct(all);
        Assert.NotNull(TraceParent.Parse(TaskTraces.ParentOf(terms, 3, 1).ToString()));
    }

    private static string Trace(TraceTerms terms, int task) => Convert.ToHexStringLower(TaskTraces.TraceOf(terms, task));

    private static string Span(TraceTerms terms, int task, int attempt) => Convert.ToHexStringLower(TaskTraces.SpanOf(terms, task, attempt));
}

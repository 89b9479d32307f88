using System.Collections.Concurrent;
using Artel.Dashboard.Parts;
using Bunit;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Role = Artel.Protocol.V1.Role;

namespace Artel.Dashboard.Tests.Components;

/// <summary>A live part that is given another question while the first one is open or answered.</summary>
public sealed class QuestionTests
{
    [Fact]
    public async Task What_one_question_did_not_find_is_not_missing_for_the_next_one()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var view = await ClusterView.OfAsync(cluster, Role.Viewer);
        var part = view.Show<AskingPart>("/", p => p.Add(a => a.About, "first"));
        part.Instance.AnswerTo("first").SetException(NotFound());
        part.WaitForAssertion(() => Assert.Equal("first is missing", part.Markup), ClusterView.Patience);

        part.Render(p => p.Add(a => a.About, "second"));

        Assert.Equal("second is open", part.Markup);
        part.Instance.AnswerTo("second").SetResult();
        part.WaitForAssertion(() => Assert.Equal("second is answered", part.Markup), ClusterView.Patience);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_next_question_is_not_its_answer()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var view = await ClusterView.OfAsync(cluster, Role.Viewer);
        var part = view.Show<AskingPart>("/", p => p.Add(a => a.About, "first"));
        part.WaitForAssertion(() => Assert.Contains("first", part.Instance.Asked), ClusterView.Patience);

        part.Render(p => p.Add(a => a.About, "second"));
        part.Instance.AnswerTo("first").SetException(NotFound());

        part.WaitForAssertion(() => Assert.Contains("second", part.Instance.Asked), ClusterView.Patience);
        Assert.Equal("second is open", part.Markup);
    }

    private static RpcException NotFound() => new(new Status(StatusCode.NotFound, "there is no such thing"));

    private sealed class AskingPart : LivePart
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _answers = new();

        [Parameter] public string About { get; set; } = "";

        public ConcurrentQueue<string> Asked { get; } = new();

        protected override object? Subject => About;

        public TaskCompletionSource AnswerTo(string about) =>
            _answers.GetOrAdd(about, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        protected override Task AskAsync(CancellationToken cancellation)
        {
            Asked.Enqueue(About);
            StateHasChanged();
            return AnswerTo(About).Task.WaitAsync(cancellation);
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) =>
            builder.AddContent(0, $"{About} is {(IsMissing ? "missing" : IsLoaded ? "answered" : "open")}");
    }
}

using Artel.Dashboard.Parts;
using Artel.Protocol.V1;
using Bunit;
using Microsoft.AspNetCore.Components;
using Task = System.Threading.Tasks.Task;

namespace Artel.Dashboard.Tests.Components;

/// <summary>A part of a page that meets a bug.</summary>
public sealed class GuardTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_part_that_fails_says_so_is_logged_and_is_tried_again(bool whenDrawn)
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var view = await ClusterView.OfAsync(cluster, Role.Viewer);
        FailingPart.Fails = true;

        var guard = view.Show<Guard>("/", p => p.Add(g => g.Part, "The weather").AddChildContent<FailingPart>(f => f.Add(x => x.WhenDrawn, whenDrawn)));

        guard.WaitForAssertion(() => Assert.Contains("The weather could not be shown", guard.Markup, StringComparison.Ordinal), ClusterView.Patience);
        Assert.Contains(guard.Find("code").TextContent, Assert.Single(view.Logged), StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", guard.Markup.Replace("This is a bug in the dashboard", "", StringComparison.Ordinal), StringComparison.Ordinal);

        FailingPart.Fails = false;
        guard.Find("button").Click();
        guard.WaitForAssertion(() => Assert.Contains("all is well", guard.Markup, StringComparison.Ordinal), ClusterView.Patience);
    }

    private sealed class FailingPart : LivePart
    {
        public static bool Fails { get; set; }

        [Parameter] public bool WhenDrawn { get; set; }

        protected override Task AskAsync(CancellationToken cancellation) => Fails && !WhenDrawn ? throw new InvalidOperationException("a bug") : Task.CompletedTask;

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            if (Fails && WhenDrawn && IsLoaded)
            {
                throw new InvalidOperationException("a bug");
            }

            builder.AddContent(0, IsLoaded ? "all is well" : "");
        }
    }
}

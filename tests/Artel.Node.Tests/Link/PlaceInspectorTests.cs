using Artel.Node.Link;
using Artel.Protocol.V1;

namespace Artel.Node.Tests.Link;

/// <summary>What a node answers when it is asked what is there for tasks to start with.</summary>
public sealed class PlaceInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_place_lacks_what_a_start_there_would_lack()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "tool"), "/bin/true");

        Assert.Equal(Lack.Unspecified, Look(_folder.Path, "sh"));
        Assert.Equal(Lack.Unspecified, Look(_folder.Path, "./tool"));
        Assert.Equal(Lack.Unspecified, Look("", "tool", _folder.Path));
        Assert.Equal(Lack.Unspecified, Look("", ""));
        Assert.Equal(Lack.Folder, Look(Path.Combine(_folder.Path, "none"), "sh"));
        Assert.Equal(Lack.Folder, Look(Path.Combine(_folder.Path, "tool"), "sh"));
        Assert.Equal(Lack.Program, Look(_folder.Path, "./none"));
        Assert.Equal(Lack.Program, Look(_folder.Path, "tool"));
        Assert.Equal(Lack.Program, Look("", "sh", _folder.Path));
        Assert.Equal(Lack.Folder, Look("/\0", "\0"));
    }

    [Fact]
    public async Task An_agent_answers_only_if_tasks_run_as_itself()
    {
        var answers = new System.Collections.Concurrent.ConcurrentQueue<(bool HasAccounts, Inspected Answer)>();
        using var end = new CancellationTokenSource();
        foreach (var hasAccounts in new[] { true, false })
        {
            var inspector = new PlaceInspector(hasAccounts, a => answers.Enqueue((hasAccounts, a)));
            inspector.Begin(end.Token);
            Place[] places = [new() { Cwd = "/" }, new() { Cwd = "/no such" }];
            inspector.Ask(new Inspect { Inspection = 7, Places = { places } });
        }

        // The one that was asked last: the other would have answered before.
        await Testing.Eventually.Holds(() => answers.Any(a => !a.HasAccounts), "it answers");
        var (_, answer) = Assert.Single(answers);
        Assert.Equal(7UL, answer.Inspection);
        Assert.Equal([Lack.Unspecified, Lack.Folder], answer.Lacks);
        await end.CancelAsync();
    }

    private static Lack Look(string cwd, string program, string path = "") =>
        PlaceInspector.Look(new Place { Cwd = cwd, Program = program, Path = path });
}

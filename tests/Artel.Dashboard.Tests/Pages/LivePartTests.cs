using System.Text.RegularExpressions;
using Artel.Dashboard.Parts;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>Parts of pages that ask the cluster by themselves.</summary>
public sealed partial class LivePartTests
{
    [Fact]
    public void Every_live_part_of_a_page_stands_in_a_guard()
    {
        var parts = typeof(App).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(LivePart))).Select(t => t.Name).ToHashSet();
        var files = Directory.GetFiles(Path.Combine(Binaries.Repository, "src", "Artel.Dashboard"), "*.razor", SearchOption.AllDirectories);
        var used = files.SelectMany(f => Tag().Matches(File.ReadAllText(f)).Where(m => parts.Contains(m.Groups[2].Value)).Select(m => (File: f, Guard: m.Groups[1].Value, m.Groups[2].Value))).ToList();

        Assert.NotEmpty(used);
        Assert.All(used, u => Assert.StartsWith("<Guard ", u.Guard, StringComparison.Ordinal));
    }

    [GeneratedRegex("(<Guard [^>]*>)?<([A-Z][A-Za-z]+)\\b")]
    private static partial Regex Tag();
}

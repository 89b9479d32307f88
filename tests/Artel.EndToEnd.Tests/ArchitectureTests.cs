using System.Xml.Linq;

namespace Artel.EndToEnd.Tests;

/// <summary>Who may know whom: the arrows of docs/architecture.md, held against the projects' own references.</summary>
public class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Artel.Core"] = [],
        ["Artel.Protocol"] = [],
        ["Artel.Node"] = ["Artel.Protocol"],
        ["Artel.Dashboard"] = ["Artel.Protocol"],
        ["Artel.Server"] = ["Artel.Core", "Artel.Dashboard", "Artel.Protocol"],
        ["Artel.Cli"] = ["Artel.Node", "Artel.Protocol"],
    };

    [Fact]
    public void Rooms_know_only_whom_they_may()
    {
        var known = Directory.EnumerateDirectories(Path.Combine(Binaries.Repository, "src"))
            .ToDictionary(folder => Path.GetFileName(folder), References);

        Assert.Equal(Allowed.Keys.Order(), known.Keys.Order());
        foreach (var (room, references) in known)
        {
            Assert.Equal(Allowed[room], references);
        }
    }

    [Fact]
    public void The_rules_use_no_package()
    {
        var project = XDocument.Load(Path.Combine(Binaries.Repository, "src", "Artel.Core", "Artel.Core.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
    }

    /// <summary>Linked projects; one that is only built first (artel-server beside artel) is not known.</summary>
    private static string[] References(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.*proj").Concat(Directory.EnumerateFiles(folder, "*.targets"))
            .SelectMany(file => XDocument.Load(file).Descendants("ProjectReference"))
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
            .Order(StringComparer.Ordinal),
    ];
}

using System.Reflection;

namespace Artel.Dashboard.Pages.Submit;

/// <summary>Maps to start from: those of <c>examples/anywhere</c>, which are part of this program.</summary>
internal static class ExampleMaps
{
    public static IReadOnlyList<(string Name, string Title)> All { get; } =
        [("array", "An array of tasks"), ("matrix", "Combinations, element by element"), ("lists", "Lists of nodes")];

    /// <param name="name">One of <see cref="All"/>.</param>
    public static string Read(string name)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"example:{name}")
            ?? throw new InvalidOperationException($"the example '{name}' is not in the program");
        using var text = new StreamReader(resource);
        return text.ReadToEnd();
    }
}

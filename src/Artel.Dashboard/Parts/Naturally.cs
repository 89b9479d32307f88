using System.Text.RegularExpressions;

namespace Artel.Dashboard.Parts;

/// <summary>Names in the order in which people count: node2 before node10. The framework's own needs the culture data that this program goes without.</summary>
internal static partial class Naturally
{
    /// <summary>To be compared letter by letter: numbers in it are as long as each other.</summary>
    public static string Key(string name) => Digits().Replace(name, m => m.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

using System.Globalization;

namespace Artel.Dashboard.Pages.Nodes;

/// <summary>Parts of styles that depend on values.</summary>
internal static class NodesStyle
{
    /// <summary>Whole: a bar that moves by less is not worth telling the browser.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(share * 100)}%");
}

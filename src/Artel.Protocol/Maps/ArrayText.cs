using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Indices with how many run at once: <c>1-1000%50</c>.</summary>
public static class ArrayText
{
    /// <summary>Reads indices into a template, and into its <c>at_once</c> where the text says it. False, with the reason, where it can not.</summary>
    public static bool TryRead(string text, TaskTemplate task, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(task);
        var atOnce = 0;
        if (!TryCut(ref text, ref atOnce, out error))
            return false;

        task.Array = IndexSets.Parse(text, out error);
        if (atOnce > 0)
            task.AtOnce = atOnce;

        return task.Array is not null;
    }

    internal static bool SaysAtOnce(MapNode array) => array switch
    {
        MapList list => list.Items.Any(SaysAtOnce),
        MapScalar scalar => scalar.Text.Contains('%', StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Takes <c>%50</c> off the end of a text.</summary>
    internal static bool TryCut(ref string text, ref int atOnce, out string error)
    {
        error = "";
        var percent = text.IndexOf('%', StringComparison.Ordinal);
        if (percent < 0)
            return true;

        if (!int.TryParse(text.AsSpan(percent + 1).Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out atOnce) || atOnce == 0)
        {
            error = $"'{Quote.Shorten(text[percent..])}' does not say how many at once: write a number from 1, like '1-1000%50'";
            return false;
        }

        text = text[..percent];
        return true;
    }
}

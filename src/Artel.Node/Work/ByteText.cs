using System.Globalization;

namespace Artel.Node.Work;

/// <summary>Bytes as people read them: <c>2.1 GiB</c>.</summary>
internal static class ByteText
{
    private const int Step = 1024;

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Of(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        // Rounded to what is shown first, so that nothing reads "1024 KiB".
        while (Math.Round(value, 2) >= Step && unit < Units.Length - 1)
        {
            value /= Step;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Units[unit]}");
    }
}

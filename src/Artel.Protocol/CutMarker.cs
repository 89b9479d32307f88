using System.Globalization;
using System.Text;

namespace Artel.Protocol;

/// <summary>The line at the end of output that was cut.</summary>
public static class CutMarker
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <param name="kept">Bytes before the line.</param>
    /// <param name="written">Bytes that the process wrote.</param>
    public static byte[] For(long kept, long written) =>
        Encoding.UTF8.GetBytes($"\n[artel: output was cut here: {Size(kept)} kept of {Size(written)}]\n");

    private static string Size(long bytes)
    {
        var unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }
}

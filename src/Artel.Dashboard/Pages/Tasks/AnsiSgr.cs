using System.Globalization;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>What the numbers of an SGR sequence do to a style. Numbers that mean nothing here are passed over.</summary>
internal static class AnsiSgr
{
    /// <param name="parameters">Between <c>ESC [</c> and <c>m</c>: numbers, <c>;</c> and <c>:</c>.</param>
    public static AnsiStyle Apply(AnsiStyle style, string parameters)
    {
        var groups = parameters.Split(';');
        for (var i = 0; i < groups.Length; i++)
        {
            // A colon binds what belongs together: 38:2::255:0:0 and 4:3 are one thing each.
            var parts = groups[i].Split(':');
            var code = Number(parts[0]);
            if (code is 38 or 48)
            {
                var colour = parts.Length > 1 ? OfColons(parts) : OfSemicolons(groups, ref i);
                if (colour is { } known)
                    style = code == 38 ? style with { Letters = known } : style with { Ground = known };
            }
            else
            {
                style = code == 4 && parts.Length > 1 && Number(parts[1]) == 0 ? Without(style, AnsiMarks.Underline) : Apply(style, code);
            }
        }

        return style;
    }

    private static AnsiStyle Apply(AnsiStyle style, int code) => code switch
    {
        0 => default,
        1 => With(style, AnsiMarks.Bold),
        2 => With(style, AnsiMarks.Dim),
        3 => With(style, AnsiMarks.Italic),
        4 or 21 => With(style, AnsiMarks.Underline),
        7 => With(style, AnsiMarks.Inverse),
        9 => With(style, AnsiMarks.Struck),
        22 => Without(style, AnsiMarks.Bold | AnsiMarks.Dim),
        23 => Without(style, AnsiMarks.Italic),
        24 => Without(style, AnsiMarks.Underline),
        27 => Without(style, AnsiMarks.Inverse),
        29 => Without(style, AnsiMarks.Struck),
        >= 30 and <= 37 => style with { Letters = AnsiColour.OfPalette(code - 30) },
        39 => style with { Letters = default },
        >= 40 and <= 47 => style with { Ground = AnsiColour.OfPalette(code - 40) },
        49 => style with { Ground = default },
        >= 90 and <= 97 => style with { Letters = AnsiColour.OfPalette(code - 82) },
        >= 100 and <= 107 => style with { Ground = AnsiColour.OfPalette(code - 92) },
        _ => style,
    };

    /// <summary><c>38;5;208</c> and <c>38;2;255;128;0</c>, each number a group of its own.</summary>
    private static AnsiColour? OfSemicolons(string[] groups, ref int i)
    {
        var kind = At(groups, i + 1);
        if (kind == 5)
        {
            i += 2;
            return InByte(At(groups, i)) ? AnsiColour.OfPalette(At(groups, i)) : null;
        }

        if (kind != 2)
            return null;

        i += 4;
        return OfRgb(At(groups, i - 2), At(groups, i - 1), At(groups, i));
    }

    /// <summary><c>38:5:208</c>, <c>38:2:255:128:0</c>, and with a colour space that is not looked at <c>38:2::255:128:0</c>.</summary>
    private static AnsiColour? OfColons(string[] parts) => (Number(parts[1]), parts.Length) switch
    {
        (5, >= 3) => InByte(Number(parts[2])) ? AnsiColour.OfPalette(Number(parts[2])) : null,
        (2, 5) => OfRgb(Number(parts[2]), Number(parts[3]), Number(parts[4])),
        (2, >= 6) => OfRgb(Number(parts[3]), Number(parts[4]), Number(parts[5])),
        _ => null,
    };

    private static AnsiColour? OfRgb(int red, int green, int blue) => InByte(red) && InByte(green) && InByte(blue) ? AnsiColour.OfRgb(red, green, blue) : null;

    private static bool InByte(int value) => value is >= 0 and <= 255;

    private static int At(string[] groups, int i) => i < groups.Length ? Number(groups[i]) : -1;

    /// <summary>Nothing is 0, as the standard has it; what is no number is -1.</summary>
    private static int Number(string text) =>
        text.Length == 0 ? 0 : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static AnsiStyle With(AnsiStyle style, AnsiMarks mark) => style with { Marks = style.Marks | mark };

    private static AnsiStyle Without(AnsiStyle style, AnsiMarks marks) => style with { Marks = style.Marks & ~marks };
}

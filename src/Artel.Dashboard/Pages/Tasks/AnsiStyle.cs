namespace Artel.Dashboard.Pages.Tasks;

/// <summary>How letters look that a program has coloured: what its SGR sequences came to (ECMA-48, section 8.3.117).</summary>
/// <param name="Letters">Colour of the letters.</param>
/// <param name="Ground">Colour behind them.</param>
internal readonly record struct AnsiStyle(AnsiColour Letters, AnsiColour Ground, AnsiMarks Marks)
{
    public bool IsPlain => this == default;

    /// <summary>Classes of the style sheet; empty where it needs none.</summary>
    public string Class
    {
        get
        {
            var (letters, ground) = Seen;
            var words = new List<string>();
            if (letters.Index is { } of)
                words.Add($"ansi-f{of}");

            if (ground.Index is { } behind)
                words.Add($"ansi-b{behind}");

            foreach (var (mark, word) in Words)
            {
                if (Marks.HasFlag(mark))
                    words.Add(word);
            }

            // Exchanged, with colours that nothing was said of: those of the page.
            if (Marks.HasFlag(AnsiMarks.Inverse) && Letters.IsDefault)
                words.Add("ansi-b-text");

            if (Marks.HasFlag(AnsiMarks.Inverse) && Ground.IsDefault)
                words.Add("ansi-f-page");

            return string.Join(' ', words);
        }
    }

    /// <summary>Colours that no class has. Made of numbers only, so that no text of a program gets into it.</summary>
    public string Css
    {
        get
        {
            var (letters, ground) = Seen;
            var behind = ground.Rgb is { } rgb ? $"background:{rgb.Css}" : "";
            var front = letters.Rgb is { } own ? $"color:{(ground.IsDefault ? own.Readable() : own).Css}" : "";
            return front.Length > 0 && behind.Length > 0 ? $"{front};{behind}" : front + behind;
        }
    }

    private static (AnsiMarks Mark, string Word)[] Words { get; } =
    [
        (AnsiMarks.Bold, "ansi-bold"), (AnsiMarks.Dim, "ansi-dim"), (AnsiMarks.Italic, "ansi-italic"), (AnsiMarks.Underline, "ansi-underline"), (AnsiMarks.Struck, "ansi-struck"),
    ];

    private (AnsiColour Letters, AnsiColour Ground) Seen => Marks.HasFlag(AnsiMarks.Inverse) ? (Ground, Letters) : (Letters, Ground);
}

[Flags]
internal enum AnsiMarks : byte
{
    None = 0,
    Bold = 1,
    Dim = 2,
    Italic = 4,
    Underline = 8,
    Inverse = 16,
    Struck = 32,
}

using System.Globalization;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>A colour as programs name it: none of their own, one of 256, or red, green and blue.</summary>
internal readonly record struct AnsiColour
{
    /// <summary>The default is 0, so that a style that nothing was said of is the default of its type.</summary>
    private readonly int _code;

    private AnsiColour(int code) => _code = code;

    public static AnsiColour OfPalette(int index) => new((index & 0xFF) + 1);

    public static AnsiColour OfRgb(int red, int green, int blue) => new(0x1000000 | ((red & 0xFF) << 16) | ((green & 0xFF) << 8) | (blue & 0xFF));

    public bool IsDefault => _code == 0;

    /// <summary>Of the sixteen that the style sheet has a class for; else null.</summary>
    public int? Index => _code is >= 1 and <= 16 ? _code - 1 : null;

    /// <summary>Of the others; null for the default and the sixteen.</summary>
    public Rgb? Rgb => _code switch
    {
        <= 16 => null,
        <= 232 => Cube(_code - 17),
        <= 256 => Grey(_code - 233),
        _ => new Rgb((_code >> 16) & 0xFF, (_code >> 8) & 0xFF, _code & 0xFF),
    };

    // The steps that xterm and those like it have.
    private static Rgb Cube(int place) => new(Step(place / 36), Step(place / 6 % 6), Step(place % 6));

    private static int Step(int level) => level == 0 ? 0 : 55 + (40 * level);

    private static Rgb Grey(int place) => new(8 + (10 * place), 8 + (10 * place), 8 + (10 * place));
}

/// <summary>Parts from 0 to 255.</summary>
internal readonly record struct Rgb(int Red, int Green, int Blue)
{
    /// <summary>Output is shown on this in both themes, as most programs expect of a terminal.</summary>
    private static readonly Rgb Page = new(0x0b, 0x12, 0x20);

    public string Css => string.Create(CultureInfo.InvariantCulture, $"#{Red:x2}{Green:x2}{Blue:x2}");

    /// <summary>The same colour, as much lighter as it takes to be read on the page (WCAG 2.2, 1.4.3).</summary>
    public Rgb Readable()
    {
        for (var lighter = 0; lighter < 10; lighter++)
        {
            var tried = Lighter(lighter / 10.0);
            if ((tried.Luminance + 0.05) / (Page.Luminance + 0.05) >= 4.5)
                return tried;
        }

        return new Rgb(0xff, 0xff, 0xff);
    }

    private double Luminance => (0.2126 * Linear(Red)) + (0.7152 * Linear(Green)) + (0.0722 * Linear(Blue));

    private Rgb Lighter(double part) => new(Mix(Red, part), Mix(Green, part), Mix(Blue, part));

    private static int Mix(int value, double part) => (int)Math.Round(value + ((255 - value) * part));

    private static double Linear(int value) => value <= 10 ? value / 255.0 / 12.92 : Math.Pow(((value / 255.0) + 0.055) / 1.055, 2.4);
}

using MudBlazor;

namespace Artel.Dashboard.Layout;

/// <summary>Colours and letters in light and dark. The letters are the system's own: nothing is loaded for them.</summary>
internal static class ArtelTheme
{
    private static readonly string[] Letters = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0f766e",
            Secondary = "#475569",
            Background = "#f8fafc",
            Surface = "#ffffff",
            AppbarBackground = "#0f3d3a",
            AppbarText = "#f0fdfa",
            DrawerBackground = "#ffffff",
            DrawerText = "#334155",
            TextPrimary = "#0f172a",
            TextSecondary = "#475569",
            Success = "#15803d",
            Error = "#b91c1c",
            Warning = "#92400e",
            Info = "#1d4ed8",
            LinesDefault = "#e2e8f0",
            TableLines = "#e2e8f0",
            Divider = "#e2e8f0",
            ActionDefault = "#475569",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#2dd4bf",
            PrimaryContrastText = "#042f2e",
            Secondary = "#94a3b8",
            Background = "#0b1220",
            Surface = "#111a2c",
            AppbarBackground = "#0b1f24",
            AppbarText = "#ccfbf1",
            DrawerBackground = "#0f1728",
            DrawerText = "#cbd5e1",
            TextPrimary = "#e2e8f0",
            TextSecondary = "#a3b1c6",
            Success = "#4ade80",
            Error = "#f87171",
            Warning = "#fbbf24",
            Info = "#60a5fa",
            // On these light colours, which fill buttons and messages, white could not be read.
            SuccessContrastText = "#052e16",
            ErrorContrastText = "#450a0a",
            WarningContrastText = "#451a03",
            InfoContrastText = "#172554",
            LinesDefault = "#233048",
            TableLines = "#233048",
            Divider = "#233048",
            ActionDefault = "#a3b1c6",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Letters, FontSize = ".875rem" },
            Button = new ButtonTypography { FontFamily = Letters, TextTransform = "none" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}

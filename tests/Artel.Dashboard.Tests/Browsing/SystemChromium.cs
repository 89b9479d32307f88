using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>Chromium as Debian has it, without a window and without anything that it would ask the world for.</summary>
internal static class SystemChromium
{
    public const string Executable = "/usr/bin/chromium";

    public static bool IsThere => File.Exists(Executable);

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Executable,
        Args =
        [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        ],
    });
}

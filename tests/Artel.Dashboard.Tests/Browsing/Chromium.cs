using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>The system's Chromium, one for all tests of a class. Each test has a profile of its own in it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Executable = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A visitor who has not been here before. Skips the test where there is no Chromium.</summary>
    /// <param name="theme">What their system prefers.</param>
    /// <param name="width">Of the window, in pixels.</param>
    public async Task<IPage> NewPageAsync(ColorScheme theme = ColorScheme.Light, int width = 1280)
    {
        SystemRights.Require(File.Exists(Executable) ? null : $"there is no {Executable}", "a browser can not be driven here");
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = theme,
            IgnoreHTTPSErrors = true,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
        });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>The system's Chromium, one for all tests of a class. Each test has a profile of its own in it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A visitor who has not been here before. Skips the test where there is no Chromium.</summary>
    /// <param name="theme">What their system prefers.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="zone">The time zone of their system; null for that of this machine.</param>
    public async Task<IPage> NewPageAsync(ColorScheme theme = ColorScheme.Light, int width = 1280, string? zone = null)
    {
        SystemRights.Require(SystemChromium.IsThere ? null : $"there is no {SystemChromium.Executable}", "a browser can not be driven here");
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await SystemChromium.LaunchAsync(_playwright);
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = theme,
            IgnoreHTTPSErrors = true,
            TimezoneId = zone,
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

using Microsoft.Playwright;

namespace Artel.Dashboard.Tests.Browsing;

/// <summary>A view of a job.</summary>
/// <param name="Name">As addresses have it.</param>
/// <param name="Title">Of its tab.</param>
/// <param name="There">A CSS selector of what is in it as soon as it has been answered.</param>
internal sealed record JobView(string Name, string Title, string There)
{
    // Clicks as a person does, and waits in the page itself until the other view is drawn: what the driver takes is not in it.
    private const string ClickThrough = """
        ([title, there]) => new Promise((done) => {
          const link = [...document.querySelectorAll('nav.artel-tabs a')].find((a) => a.textContent.trim() === title);
          const began = performance.now();
          let answered = 0;
          link.click();
          const look = () => {
            const view = document.querySelector('section.artel-tab');
            if (view?.getAttribute('aria-label') === title && view.childElementCount > 0) {
              answered ||= performance.now() - began;
              if (view.querySelector(there)) {
                done([answered, performance.now() - began]);
                return;
              }
            }
            requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })
        """;

    public static IReadOnlyList<JobView> All { get; } =
    [
        new("overview", "Overview", "*"), new("map", "Task map", "canvas"), new("timeline", "Timeline", "canvas, svg"), new("tasks", "Tasks", "tbody tr"),
        new("stats", "Stats", "tbody tr"),
    ];

    /// <summary>Clicks on it while another view of the job is open.</summary>
    public async Task<Click> ClickAsync(IPage page)
    {
        var times = await page.EvaluateAsync<double[]>(ClickThrough, new[] { Title, There });
        return new Click(this, TimeSpan.FromMilliseconds(times[0]), TimeSpan.FromMilliseconds(times[1]));
    }
}

/// <summary>A click on another view of a job.</summary>
/// <param name="Answered">Until the view was there.</param>
/// <param name="Filled">Until what it shows was in it.</param>
internal sealed record Click(JobView View, TimeSpan Answered, TimeSpan Filled);

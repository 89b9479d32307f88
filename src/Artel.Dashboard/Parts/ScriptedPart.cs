using Microsoft.AspNetCore.Components;

namespace Artel.Dashboard.Parts;

/// <summary>A component with a script in the browser, which calls its methods.</summary>
public abstract class ScriptedPart : ComponentBase
{
    /// <summary>
    /// Runs a call from the browser. An exception goes to the <see cref="Guard"/> around this part; the browser would
    /// only log it.
    /// </summary>
    protected Task ReportAsync(Func<Task> what) => InvokeAsync(async () =>
    {
        try
        {
            await what();
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    });
}

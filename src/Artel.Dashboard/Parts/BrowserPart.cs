using Microsoft.JSInterop;

namespace Artel.Dashboard.Parts;

/// <summary>
/// The part of a component that works in the browser: the object that <c>begin</c> of one of our modules gives, with its functions and an <c>end</c>.
/// Whoever looks may go at any moment: then nothing is called any more, and nobody is told. Used on the page's own thread of control.
/// </summary>
/// <param name="module">Below <c>wwwroot</c>, such as <c>charts/chart.js</c>.</param>
internal sealed class BrowserPart(IJSRuntime browser, string module) : IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();
    private IJSObjectReference? _module;
    private IJSObjectReference? _part;

    /// <summary>Before, nothing can be called.</summary>
    public bool HasBegun => _part is not null;

    /// <summary>Once.</summary>
    public Task BeginAsync(params object?[] arguments) => WhileThereAsync(async () =>
    {
        _module = await browser.InvokeAsync<IJSObjectReference>("import", _left.Token, PathOf(module));
        _part = await _module.InvokeAsync<IJSObjectReference>("begin", _left.Token, arguments);
        return true;
    });

    /// <summary>Nothing before it has begun.</summary>
    public Task CallAsync(string function, params object?[] arguments) => WhileThereAsync(async () =>
    {
        await (_part?.InvokeVoidAsync(function, _left.Token, arguments) ?? ValueTask.CompletedTask);
        return true;
    });

    /// <summary>What the function gives; the default where nobody is there to give it.</summary>
    public Task<T?> AskAsync<T>(string function, params object?[] arguments) => WhileThereAsync(
        async () => _part is { } part ? await part.InvokeAsync<T?>(function, _left.Token, arguments) : default);

    /// <summary>Calls one function of a module that keeps nothing.</summary>
    /// <returns>The default if the browser cannot do it or has gone: the page goes on either way.</returns>
    public static async Task<T?> CallOnceAsync<T>(IJSRuntime browser, string module, string function, params object?[] arguments)
    {
        try
        {
            await using var loaded = await browser.InvokeAsync<IJSObjectReference>("import", PathOf(module));
            return await loaded.InvokeAsync<T>(function, arguments);
        }
        catch (JSException)
        {
            return default;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        try
        {
            if (_part is not null)
            {
                await _part.InvokeVoidAsync("end");
                await _part.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and all of this with it.
        }

        _left.Dispose();
    }

    private static string PathOf(string module) => $"/_content/Artel.Dashboard/{module}";

    private async Task<T?> WhileThereAsync<T>(Func<Task<T?>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException || (e is ObjectDisposedException && _left.IsCancellationRequested))
        {
            // The browser has gone, or looks at something else.
            return default;
        }
    }
}

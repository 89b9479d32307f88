using Artel.Dashboard.Addresses;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Times;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Task = System.Threading.Tasks.Task;

namespace Artel.Dashboard.Pages.Events;

/// <summary>
/// What happens in the cluster, as it happens: one stream for the page, begun anew when the filter changes, and gone on with where it was when the
/// server comes back. Many events that come together are drawn together.
/// </summary>
public partial class EventsPage : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(2);

    private EventTail _tail = new(EventFilter.Read(null, null, null, null));
    private CancellationTokenSource? _stop;
    private Task _following = Task.CompletedTask;
    private bool _isCaughtUp;
    private bool _isToDraw;
    private string _problem = "";

    [Inject] private ClusterSession Session { get; set; } = default!;

    [Inject] private ViewerClock Clock { get; set; } = default!;

    [Inject] private PageAddress Address { get; set; } = default!;

    [SupplyParameterFromQuery] public string? Job { get; set; }

    [SupplyParameterFromQuery] public string? Node { get; set; }

    [SupplyParameterFromQuery] public string? Kind { get; set; }

    [SupplyParameterFromQuery] public string? Text { get; set; }

    [SupplyParameterFromQuery] public string? Paused { get; set; }

    private bool IsPaused => Paused == "true";

    private string PauseWords => !IsPaused ? "Pause" : _tail.WaitingCount switch
    {
        0 => "Follow",
        EventTail.Most => $"Follow ({EventTail.Most}+ new)",
        var count => $"Follow ({count} new)",
    };

    protected override async Task OnParametersSetAsync()
    {
        await Session.OpenAsync();
        var filter = EventFilter.Read(Job, Node, Kind, Text);
        if (_stop is null || filter != _tail.Filter)
        {
            // The new stream takes the place of the old one before the old one is waited for: the address may change
            // again meanwhile, or the page may be left.
            var (stop, following) = (_stop, _following);
            (_tail, _stop, _isCaughtUp) = (new EventTail(filter), new CancellationTokenSource(), false);
            _following = FollowOrFailAsync(_tail, _stop.Token);
            await StopAsync(stop, following);
        }

        // A page that is opened while it is paused shows what there was so far: only what comes later waits.
        if (_isCaughtUp)
        {
            _tail.Pause(IsPaused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(_stop, _following);
        GC.SuppressFinalize(this);
    }

    private void PauseOrGoOn() => Address.Set(("paused", Address["paused"] == "true" ? null : "true"));

    private static async Task StopAsync(CancellationTokenSource? stop, Task following)
    {
        if (stop is not null)
        {
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            stop.Dispose();
        }
    }

    private async Task FollowOrFailAsync(EventTail tail, CancellationToken cancellation)
    {
        try
        {
            await FollowAsync(tail, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task FollowAsync(EventTail tail, CancellationToken cancellation)
    {
        var drawing = DrawAsync(tail, cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var call = Session.Client.WatchEvents(tail.Request, cancellationToken: cancellation);
                await foreach (var happened in call.ResponseStream.ReadAllAsync(cancellation))
                {
                    tail.Add(happened);
                    (_isToDraw, _problem) = (true, "");
                }
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
            {
                tail.Forget();
            }
            catch (RpcException e) when (!cancellation.IsCancellationRequested)
            {
                (_isToDraw, _problem) = (true, Refusals.Sentence(e));
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                break;
            }

            await Task.Delay(TryAgainAfter, Session.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await drawing;
    }

    /// <summary>Draws what has come since it drew last. Where nothing came within the first time, there was nothing before.</summary>
    private async Task DrawAsync(EventTail tail, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(DrawEvery, Session.Time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (_isToDraw || !_isCaughtUp)
            {
                // Still more of what was before, as long as something comes.
                _isCaughtUp |= !_isToDraw || tail.Shown.Count > 0;
                _isToDraw = false;
                tail.Pause(IsPaused && _isCaughtUp);
                StateHasChanged();
            }
        }
    }
}

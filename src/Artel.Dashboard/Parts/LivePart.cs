using Artel.Dashboard.Cluster;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace Artel.Dashboard.Parts;

/// <summary>
/// A part of a page that shows the cluster as it is: asks at once, whenever its parameters change, and again after each
/// <see cref="Period"/>, or later if answers take long, so that viewers do not slow the cluster down. It never asks two
/// questions at a time. A question that is refused shows why instead of throwing, and is asked again.
/// </summary>
public abstract class LivePart : ComponentBase, IAsyncDisposable
{
    // An answer is waited for during a thirtieth of the time, as long as it takes no more than two seconds.
    private const int PauseForAnAnswer = 30;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _left = new();
    private readonly SemaphoreSlim _asked = new(0, 1);
    private Task _asking = Task.CompletedTask;
    private bool _started;
    private bool _isUnreachable;
    private object? _subject;

    [Inject] protected ClusterSession Session { get; set; } = default!;

    /// <summary>Why there is nothing newer to show; empty while all is well.</summary>
    protected string Problem { get; private set; } = "";

    /// <summary>True if the cluster has nothing under the number that was asked for.</summary>
    protected bool IsMissing { get; private set; }

    /// <summary>True if there was an answer since <see cref="Subject"/> changed.</summary>
    protected bool IsLoaded { get; private set; }

    /// <summary>
    /// What this part asks for, as a value that compares by its content. When it changes, <see cref="Problem"/>,
    /// <see cref="IsMissing"/> and <see cref="IsLoaded"/> start again, because they belong to the question before. An
    /// answer may arrive after the change: <see cref="AskAsync"/> drops it, or keeps it together with its question.
    /// </summary>
    protected virtual object? Subject => null;

    /// <summary>From an answer to the next question, where answers come at once.</summary>
    protected virtual TimeSpan Period => TimeSpan.FromSeconds(1);

    /// <summary>Ends when whoever looks has gone elsewhere.</summary>
    protected CancellationToken Left => _left.Token;

    /// <summary>Asks the cluster and keeps what it says. Runs on the page's own thread of control.</summary>
    protected abstract Task AskAsync(CancellationToken cancellation);

    protected override async Task OnParametersSetAsync()
    {
        if (!Equals(Subject, _subject))
        {
            (_subject, Problem, IsMissing, IsLoaded) = (Subject, "", false, false);
        }

        await Session.OpenAsync();
        if (!_started)
        {
            _started = true;
            _asking = AskOnAndOnAsync();
        }
        else
        {
            AskNow();
        }
    }

    /// <summary>Asks as soon as what is under way has been answered. After an action, so that its effect is seen at once.</summary>
    protected void AskNow()
    {
        // After an action, the page may have been left while a dialog was open.
        if (!_left.IsCancellationRequested && _asked.CurrentCount == 0)
        {
            _asked.Release();
        }
    }

    /// <summary>A part that has ended needs no further questions, once it has an answer.</summary>
    protected virtual bool AsksNoMore => false;

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync();
        _left.Dispose();
        _asked.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what a part holds beside.</summary>
    protected virtual ValueTask EndAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// An unexpected exception is a bug. It goes to the <see cref="Guard"/> around this part, which shows and logs it;
    /// otherwise the questions would end silently.
    /// </summary>
    private async Task AskOnAndOnAsync()
    {
        try
        {
            await AskUntilLeftAsync();
        }
        catch (Exception e) when (!_left.IsCancellationRequested)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task AskUntilLeftAsync()
    {
        while (!_left.IsCancellationRequested)
        {
            var asked = Session.Time.GetTimestamp();
            await AskOnceAsync();
            var pause = Pause(Session.Time.GetElapsedTime(asked));
            if (_left.IsCancellationRequested)
            {
                return;
            }

            StateHasChanged();
            try
            {
                var isDone = AsksNoMore && IsLoaded && Problem.Length == 0;
                await _asked.WaitAsync(isDone ? Timeout.InfiniteTimeSpan : pause, _left.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <param name="answer">How long it was waited for.</param>
    private TimeSpan Pause(TimeSpan answer)
    {
        if (_isUnreachable)
        {
            return Period;
        }

        var fair = answer * PauseForAnAnswer;
        return fair <= Period ? Period : fair < LongestPause ? fair : LongestPause;
    }

    private async Task AskOnceAsync()
    {
        var subject = _subject;
        try
        {
            await AskAsync(_left.Token);
            if (Equals(subject, _subject))
            {
                (Problem, IsMissing, IsLoaded, _isUnreachable) = ("", false, true, false);
            }
        }
        catch (RpcException e) when (_left.IsCancellationRequested || e.StatusCode == StatusCode.Cancelled)
        {
            // Nobody looks any more.
        }
        catch (RpcException) when (!Equals(subject, _subject))
        {
            // Something else is wanted by now, and is asked for at once.
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            (Problem, IsMissing, IsLoaded) = (e.Status.Detail, true, true);
        }
        catch (RpcException e)
        {
            (Problem, _isUnreachable) = (Refusals.Sentence(e), e.StatusCode == StatusCode.Unavailable);
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }
}

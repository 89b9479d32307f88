using System.Runtime.InteropServices;

namespace Artel.Cli.Running;

/// <summary>
/// Decides what a signal does to a run. Before the job is submitted, a signal ends the run at once. During the
/// submission, the run waits for the answer, since the job may already exist, and cancels it. Afterwards, on a private
/// cluster, Ctrl-C cancels the job. On a shared cluster it works as in srun: Ctrl-C reports how the job is doing, and a
/// second one within a second cancels it. SIGTERM cancels the job; a closed terminal leaves it to the cluster. A signal
/// after that ends the run without waiting, but never before the cancel was sent.
/// </summary>
internal sealed class Interruptions(bool isPrivate, TimeProvider clock) : IDisposable
{
    /// <summary>As long as srun's.</summary>
    public static readonly TimeSpan Twice = TimeSpan.FromSeconds(1);

    /// <summary>How long the answer to a submission is waited for once the run was interrupted.</summary>
    private static readonly TimeSpan SubmitPatience = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _cancel = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _leave = new();
    private readonly Lock _lock = new();
    private Action? _tell;
    private bool _isSubmitting;
    private long? _firstAt;

    /// <summary>Completes when the job is to be cancelled.</summary>
    public Task Cancel => _cancel.Task;

    /// <summary>Cancelled when the run is to end without waiting for anything.</summary>
    public CancellationToken Leave => _leave.Token;

    /// <summary>From now on there may be a job.</summary>
    public void BeginSubmission()
    {
        lock (_lock)
            _isSubmitting = true;
    }

    /// <summary>From now on there is a job.</summary>
    /// <param name="tell">Called at a first Ctrl-C on a shared cluster.</param>
    public void JobSubmitted(Action tell)
    {
        lock (_lock)
        {
            _isSubmitting = false;
            _tell = tell;
        }
    }

    public bool Take(PosixSignal signal)
    {
        lock (_lock)
        {
            var leavesJob = signal == PosixSignal.SIGHUP && !isPrivate;
            if (_isSubmitting && !leavesJob)
            {
                _cancel.TrySetResult();
                _leave.CancelAfter(SubmitPatience);
            }
            else if (_tell is null || _cancel.Task.IsCompleted || leavesJob)
            {
                _leave.Cancel();
            }
            else if (isPrivate || signal != PosixSignal.SIGINT || (_firstAt is { } first && clock.GetElapsedTime(first) <= Twice))
            {
                _cancel.SetResult();
            }
            else
            {
                _firstAt = clock.GetTimestamp();
                _tell();
            }
        }

        return true;
    }

    public void Dispose() => _leave.Dispose();
}

using Artel.Cli.Access;
using Grpc.Core;

namespace Artel.Cli.Running;

/// <summary>
/// Keeps a long call going over a restart of the server: the job is on its disk and goes on without us. Tries again from 0.2 s to
/// 5 s apart, and gives up when nothing answered for five minutes.
/// </summary>
/// <param name="session">On which the call is made.</param>
/// <param name="kept">What is not lost meanwhile, for messages.</param>
/// <param name="later">What to do when it is given up; empty where there is nothing to say.</param>
/// <param name="tell">Says once that there is a wait.</param>
/// <param name="clock">For the pauses.</param>
internal sealed class Persistence(ClusterSession session, string kept, string later, Action<string> tell, TimeProvider clock)
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    private TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private long? _silentSince;

    /// <summary>Of a call about a job.</summary>
    public Persistence(ClusterSession session, long job, Action<string> tell, TimeProvider clock)
        : this(session, $"job {job} is safe there", $". Job {job} goes on when it is back: 'artel wait {job}'", tell, clock)
    {
    }

    /// <summary>Something has arrived.</summary>
    public void Heard()
    {
        session.Answered();
        _silentSince = null;
        _pause = TimeSpan.FromMilliseconds(200);
    }

    /// <summary>Returns when it is time to try again; throws where that is of no use.</summary>
    public async Task AfterAsync(RpcException e, CancellationToken ct)
    {
        if (ct.IsCancellationRequested || !RpcFailure.IsOutOfReach(e))
            throw session.Describe(e);

        if (_silentSince is null)
        {
            _silentSince = clock.GetTimestamp();
            if (session.FellSilent())
                tell($"{Silence(e)}; {kept}. Trying again");
        }
        else if (clock.GetElapsedTime(_silentSince.Value) > GiveUpAfter)
        {
            throw new CommandFailure(
                ExitStatus.NoCluster,
                $"the server at {session.Address} has not answered for {Words.Duration(GiveUpAfter)}{later}");
        }

        await Task.Delay(_pause, clock, ct);
        _pause = _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
    }

    private string Silence(RpcException e) => RpcFailure.IsServersWord(e)
        ? $"the server at {session.Address} is away ({e.Status.Detail.ReplaceLineEndings(" ")})"
        : $"the server at {session.Address} does not answer";
}

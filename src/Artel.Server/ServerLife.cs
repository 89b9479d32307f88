namespace Artel.Server;

/// <summary>Facts of this run of the server, and the sign of its end.</summary>
internal sealed class ServerLife : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required long Epoch { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Where it listens, once it does.</summary>
    public string Listening { get; set; } = "";

    /// <summary>Where classic nodes connect, once they can; empty where they can not.</summary>
    public string ListeningClassic { get; set; } = "";

    /// <summary>Where browsers on this machine reach the dashboard without TLS, once they do; empty where they do not.</summary>
    public string DashboardUrl { get; set; } = "";

    /// <summary>Under which addresses others reach it, best first.</summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>A further address by which this machine reaches it. Null if there is none.</summary>
    public string? LocalAddress { get; set; }

    /// <summary>Completes when all of the above is known: calls that come before have to wait.</summary>
    public Task Listens => _listens.Task;

    /// <summary>Cancelled when links and watchers are to end.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Why it ends, for those whose calls end with it.</summary>
    public string EndReason { get; private set; } = "";

    public void NoteListens() => _listens.TrySetResult();

    public void End(string reason)
    {
        EndReason = reason;
        _ending.Cancel();
    }

    public void Dispose() => _ending.Dispose();
}

using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>A SQLite store in work, with the story that it was told.</summary>
internal sealed class LiveStore : IAsyncDisposable
{
    public const int Tasks = 500;

    private readonly DataFolder _folder;
    private LeaseRange _leases;
    private int _ended;

    private LiveStore(DataFolder folder, Database database)
    {
        _folder = folder;
        Database = database;
        Store = new SqliteStore(database, TimeProvider.System);
    }

    public Database Database { get; }

    public SqliteStore Store { get; }

    public Story Story { get; } = new();

    public ClusterSnapshot Snapshot { get; private set; } = ClusterSnapshot.Fresh;

    public JobId Job { get; private set; }

    public static async Task<LiveStore> OpenAsync(string path)
    {
        var folder = DataFolder.Open(path);
        try
        {
            var live = new LiveStore(folder, await Database.OpenAsync(folder, CancellationToken.None));
            live.Snapshot = await live.Store.OpenAsync(Story.ReadSpec, CancellationToken.None);
            return live;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Submits a job of <see cref="Tasks"/> tasks at first, then ends one of them in each batch.</summary>
    public async Task WorkAsync(int batches, int outputBytes = 3)
    {
        if (_ended == 0)
        {
            Job = Story.Submit(Tasks);
            _leases = Story.Grant(Job, 1, Tasks);
        }

        for (var i = 0; i < batches; i++)
        {
            var result = Story.Plain(AttemptOutcome.Succeeded) with { Stdout = new KeptOutput(outputBytes, outputBytes, 0, 0, new byte[outputBytes]) };
            Story.End(Job, _leases[_ended++], result: result);
            await Store.CommitAsync(Story.Take(), CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}

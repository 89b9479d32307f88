using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>SQLite, held to what every store must do.</summary>
public sealed class SqliteStoreTests : ClusterStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private DataFolder? _data;
    private Database? _database;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await CloseAsync();
        _folder.Dispose();
    }

    private protected override async Task<IClusterStore> OpenAsync()
    {
        await CloseAsync();
        _data = DataFolder.Open(_folder["data"]);
        _database = await Database.OpenAsync(_data, Cancellation);
        return new SqliteStore(_database, TimeProvider.System);
    }

    private async Task CloseAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _data?.Dispose();
    }
}

using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>A transaction that a constraint refuses is its caller's failure: the disk is sound, and everyone else goes on.</summary>
public sealed class ConstraintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_row_that_is_there_already_fails_its_own_transaction_and_no_other()
    {
        using var folder = DataFolder.Open(_folder["data"]);
        await using var database = await Database.OpenAsync(folder, Cancellation);
        await PutAsync(database, "a", "1");

        var refusal = await Assert.ThrowsAsync<DataRefusedException>(() => database.WriteAsync(
            connection =>
            {
                connection.Execute("INSERT INTO meta(key, value) VALUES('b', 2)");
                return connection.Execute("INSERT INTO meta(key, value) VALUES('a', 3)");
            },
            Cancellation));

        Assert.StartsWith("the store refused this: ", refusal.Message, StringComparison.Ordinal);
        database.ThrowIfFailed();
        await PutAsync(database, "c", "4");
        var keys = await database.ReadAsync(c => c.Query("SELECT key FROM meta WHERE key IN ('a', 'b', 'c') ORDER BY key", row => row.GetString(0)), Cancellation);
        Assert.Equal(["a", "c"], keys);
    }

    private static Task PutAsync(Database database, string key, string value) => database.WriteAsync(
        connection => connection.Execute("INSERT INTO meta(key, value) VALUES($key, $value)", ("$key", key), ("$value", value)), Cancellation);
}

using System.Diagnostics;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Tests.Storage;

/// <summary>What can happen to the files of a SQLite store: crashes, foreign, newer or damaged files, other servers.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_crash_leaves_holds_every_commit_that_returned()
    {
        // Given a server with much work committed, which is not stopped
        await using var server = await LiveStore.OpenAsync(_folder["live"]);
        await server.WorkAsync(batches: 50);

        // When its files are opened as they are
        CopyFiles(_folder["live"], _folder["crashed"]);

        // Then nothing is missing
        await using var after = await LiveStore.OpenAsync(_folder["crashed"]);
        Assert.Equal(Written.Of(server.Story.Reference), Written.Of(after.Snapshot));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(4096 + 24)]
    [InlineData(20_000)]
    public async Task A_log_torn_at_its_end_loses_the_last_batches_whole_and_no_more(int tornBytes)
    {
        // Given a crash that left some bytes of the end of the log unwritten
        await using var server = await LiveStore.OpenAsync(_folder["live"]);
        await server.WorkAsync(batches: 20);
        CopyFiles(_folder["live"], _folder["torn"]);
        using (var log = File.OpenWrite(Path.Combine(_folder["torn"], "artel.db-wal")))
        {
            log.SetLength(log.Length - tornBytes);
        }

        // When it is opened again
        await using var after = await LiveStore.OpenAsync(_folder["torn"]);

        // Then it knows a whole number of batches: each ended one task of one grant, and says so in three places that fit together
        var job = Assert.Single(after.Snapshot.Jobs);
        var ended = job.Ended.Sum(range => range.Tasks.Count);
        Assert.InRange(ended, 1, 19);
        Assert.Equal(ended, after.Snapshot.LastPosition);
        Assert.Equal(ended, job.Shares.Sum(share => share.Succeeded));
        Assert.Equal(LiveStore.Tasks - ended, job.Open.Count);
    }

    [Fact]
    public async Task Garbage_after_the_log_is_not_taken_for_work()
    {
        await using var server = await LiveStore.OpenAsync(_folder["live"]);
        await server.WorkAsync(batches: 20);
        CopyFiles(_folder["live"], _folder["garbage"]);
        var garbage = new byte[30_000];
        new Random(1).NextBytes(garbage);
        await File.AppendAllBytesAsync(Path.Combine(_folder["garbage"], "artel.db-wal"), garbage, Cancellation);

        await using var after = await LiveStore.OpenAsync(_folder["garbage"]);

        Assert.Equal(Written.Of(server.Story.Reference), Written.Of(after.Snapshot));
    }

    [Fact]
    public async Task Data_of_a_newer_schema_is_refused_and_left_alone()
    {
        await (await LiveStore.OpenAsync(_folder.Path)).DisposeAsync();
        var newer = Server.Storage.Migrations.Migration.Latest + 1;
        Run($"PRAGMA user_version = {newer}");

        var refusal = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(_folder.Path));

        Assert.Equal(
            $"the data in {_folder.Path} was written by a newer Artel (schema {newer}, this one knows {Server.Storage.Migrations.Migration.Latest}): update artel-server",
            refusal.Message);
    }

    [Fact]
    public async Task Data_of_an_older_schema_is_brought_up_to_date()
    {
        // Given a folder as the first schema left it
        Run($"PRAGMA application_id = {0x41727465}; {Server.Storage.Migrations.Migration.All[0].Sql}; PRAGMA user_version = 1");

        await using var store = await LiveStore.OpenAsync(_folder.Path);

        await store.WorkAsync(batches: 1);
        Assert.Equal(0, await store.Database.ReadAsync(c => c.Query("SELECT count(*) FROM tokens", row => row.GetInt32(0))[0], Cancellation));
    }

    [Fact]
    public void Migrations_are_numbered_without_gaps() =>
        Assert.Equal(
            Enumerable.Range(1, Server.Storage.Migrations.Migration.Latest),
            Server.Storage.Migrations.Migration.All.Select(migration => migration.Version));

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        Run("CREATE TABLE theirs(x)");

        var refusal = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(_folder.Path));

        Assert.Contains("is not a database of Artel", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_is_told_apart_and_named()
    {
        await File.WriteAllTextAsync(_folder["artel.db"], new string('x', 8192), Cancellation);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(_folder.Path));

        Assert.StartsWith($"the data in {_folder.Path} is damaged", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused_until_the_first_has_ended()
    {
        var first = await LiveStore.OpenAsync(_folder.Path);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(_folder.Path));
        await first.DisposeAsync();

        Assert.Equal(
            $"another artel-server (process {Environment.ProcessId}) works on the data in {_folder.Path}: stop it first, or choose another folder with --data",
            refusal.Message);
        await (await LiveStore.OpenAsync(_folder.Path)).DisposeAsync();
    }

    [Fact]
    public async Task A_folder_that_is_a_file_is_refused()
    {
        await File.WriteAllTextAsync(_folder["data"], "", Cancellation);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(_folder["data"]));

        Assert.Contains(_folder["data"], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_files_are_for_their_owner_alone()
    {
        await using var store = await LiveStore.OpenAsync(_folder["data"]);
        await store.WorkAsync(batches: 1);

        Assert.Equal("700", FileModes.Of(_folder["data"]));
        var files = Directory.GetFiles(_folder["data"]);
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal("600", FileModes.Of(file)));
    }

    [Fact]
    public async Task A_clean_stop_leaves_one_database_file()
    {
        var store = await LiveStore.OpenAsync(_folder.Path);
        await store.WorkAsync(batches: 3);
        await store.DisposeAsync();

        Assert.Equal(["artel.db", "lock", "pid"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    // By another process, as one that opens and closes these files in this one would take away SQLite's locks on them.
    private static void CopyFiles(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "artel.db*"))
        {
            using var copy = Process.Start("cp", [file, to]);
            copy.WaitForExit();
            Assert.Equal(0, copy.ExitCode);
        }
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder["artel.db"]};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }
}

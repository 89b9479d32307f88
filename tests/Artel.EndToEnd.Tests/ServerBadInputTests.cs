using System.Buffers.Binary;

namespace Artel.EndToEnd.Tests;

/// <summary>A server that can not start, and one whose disk is full: it says why, and keeps what it answered for.</summary>
public class ServerBadInputTests
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    [Fact]
    public async Task A_port_in_use_is_told()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var other = new TestFolder();

        var refused = await StartAsync(other, "--listen", cluster.Address);

        IsRefused(refused, Failed, $"{cluster.Address} is in use by another program", "--listen");
        Assert.False(File.Exists(Path.Combine(other["home"], "access")));
        await cluster.ArtelAsync("ls");
    }

    [Fact]
    public async Task A_data_folder_in_use_is_told()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var other = new TestFolder();

        var refused = await StartAsync(other, "--data", cluster.Data);

        IsRefused(refused, Failed, $"another artel-server (process {cluster.Server.Id}) works on the data in {cluster.Data}");
        await cluster.ArtelAsync("ls");
    }

    [Fact]
    public async Task A_data_folder_of_a_newer_version_is_refused_and_not_changed()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        var file = Path.Combine(cluster.Data, "artel.db");
        var database = await File.ReadAllBytesAsync(file);
        var known = BinaryPrimitives.ReadInt32BigEndian(UserVersion(database));

        // As if by an Artel that has more migrations than this one.
        BinaryPrimitives.WriteInt32BigEndian(UserVersion(database), 9999);
        await File.WriteAllBytesAsync(file, database);
        using var other = new TestFolder();
        var refused = await StartAsync(other, "--data", cluster.Data);

        IsRefused(refused, Failed, $"was written by a newer Artel (schema 9999, this one knows {known})", "update artel-server");
        Assert.Equal(database, await File.ReadAllBytesAsync(file));

        // SQLite's file format, section 1.3: the user version is the big-endian integer at offset 60 of the header.
        static Span<byte> UserVersion(byte[] database) => database.AsSpan(60, sizeof(int));
    }

    [Theory]
    [InlineData("--listen", "nowhere", "'nowhere' is no address to listen on")]
    [InlineData("--listen", "127.0.0.1:70000", "'127.0.0.1:70000' is no address to listen on")]
    [InlineData("--heartbeat", "often", "--heartbeat: 'often' is no duration")]
    [InlineData("--lost-after", "1s", "--lost-after must be longer than --heartbeat")]
    [InlineData("--max-losses", "0", "--max-losses: '0' is no whole number of 1 to 2147483647")]
    public async Task A_wrong_option_of_the_server_is_told(string option, string value, string words)
    {
        using var folder = new TestFolder();

        IsRefused(await StartAsync(folder, option, value), WrongUsage, words);
    }

    private static void IsRefused(Ended ended, int status, params string[] words)
    {
        Assert.True(ended.Status == status, ended.ToString());
        Assert.Equal("", ended.Output);
        Assert.DoesNotContain("   at ", ended.Errors, StringComparison.Ordinal);
        foreach (var some in words)
        {
            Assert.Contains(some, ended.Errors, StringComparison.Ordinal);
        }
    }

    private static async Task<Ended> StartAsync(TestFolder folder, params string[] options)
    {
        string[] data = options.Contains("--data") ? [] : ["--data", folder["data"]];
        string[] listen = options.Contains("--listen") ? [] : ["--listen", "127.0.0.1:0"];
        await using var server = RunningProgram.Start(
            Binaries.Artel, ["server", "start", .. data, .. listen, .. options],
            environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        return await server.EndAsync();
    }
}

using System.Diagnostics;
using System.Text.Json;
using Artel.Server.Classic;
using Artel.Testing;

namespace Artel.Server.Tests.Classic;

/// <summary>What Python makes of the pickles.</summary>
public sealed class PickledListTests
{
    [Fact]
    public void The_example_of_the_docs() =>
        Assert.Equal("80025D285804000000" + "6563686F" + "5802000000" + "6869" + "652E", Convert.ToHexString(PickledList.Write(["echo", "hi"])));

    [Fact]
    public async Task Python_reads_back_what_was_written()
    {
        SystemRights.Require(SystemRights.Try("python3", "-c", ""), "pickles are read by Python");
        string[][] lists =
        [
            ["echo"],
            ["", " ", "a b", "'\"\\", "$HOME;`ls`", "\n\t\r", "\u0001\u007f"],
            ["Ünïcödé", "東京", "🙂🚀", "e\u0301", "\u200f", "\uffff"],
            [new string('x', 255), new string('ß', 70_000), new string('y', 2_000_000), "."],
            [.. Enumerable.Range(0, 5000).Select(i => $"argument {i}")],
        ];

        foreach (var list in lists)
        {
            Assert.Equal(list, await UnpickleAsync(PickledList.Write(list)));
        }
    }

    /// <summary>Also what is behind the pickle on the stream, which must be found untouched.</summary>
    private static async Task<string[]> UnpickleAsync(byte[] pickle)
    {
        const string Program = """
            import json, pickle, sys
            stream = sys.stdin.buffer
            items = pickle.load(stream)
            assert type(items) is list and all(type(i) is str for i in items)
            assert stream.read() == b"OK"
            sys.stdout.write(json.dumps(items))
            """;
        var start = new ProcessStartInfo("python3", ["-c", Program]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var python = Process.Start(start)!;
        var reading = python.StandardOutput.ReadToEndAsync();
        await python.StandardInput.BaseStream.WriteAsync(pickle);
        await python.StandardInput.BaseStream.WriteAsync("OK"u8.ToArray());
        python.StandardInput.Close();
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return JsonSerializer.Deserialize<string[]>(await reading)!;
    }
}

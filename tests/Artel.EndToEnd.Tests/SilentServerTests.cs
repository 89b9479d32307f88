using System.Net;
using System.Net.Sockets;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;
using Task = System.Threading.Tasks.Task;

namespace Artel.EndToEnd.Tests;

/// <summary>An address where a connection is taken and nothing is ever said, as of a server that is stopped or a machine that is overloaded.</summary>
public class SilentServerTests
{
    [Fact]
    public async Task A_command_says_that_nothing_answers_and_not_that_it_was_interrupted()
    {
        using var folder = new TestFolder();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"{silent.LocalEndpoint}";
        var ticket = new Ticket { Pin = ByteString.CopyFrom(new byte[32]), Secret = "s", Role = Role.User, Addresses = { address } };

        await using var listing = RunningProgram.Start(
            Binaries.Artel, ["ls"], folder.Path, new Dictionary<string, string?> { ["ARTEL_HOME"] = folder.Path, ["ARTEL_TOKEN"] = Tickets.Format(ticket) });
        var ended = await listing.EndAsync();

        Assert.True(ended.Status == 3, ended.ToString());
        Assert.Contains($"no cluster at {address}", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("no answer in time", ended.Errors, StringComparison.Ordinal);
    }
}

using Artel.Core;
using Artel.Server.Hosting;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Server.Tests.Nodes;

public sealed class NodeAdmissionTests
{
    [Fact]
    public async Task No_link_is_made_while_the_server_stops()
    {
        var sessions = new NodeSessions();
        using var early = Session("1");
        Assert.True(sessions.TryAdd(early, out _));

        sessions.LeaveAll("the server is stopping");

        // It would be given work that ends with it a moment later. The rules are not even asked.
        using var late = Session("2");
        var admission = new NodeAdmission(null!, sessions, Options, TimeProvider.System, NullLogger<NodeAdmission>.Instance);
        var description = new NodeDescription(NodeKind.Native, "1", "host", "", Resources.None, []);
        await Assert.ThrowsAsync<LoopStoppedException>(() => admission.AdmitAsync(late, description, LeaseSet.Empty, TestContext.Current.CancellationToken));
    }

    private static ServerOptions Options => new() { DataDirectory = "", HomeDirectory = "", Listen = ListenAddress.Parse("127.0.0.1:0", out _)! };

    private static NodeSession Session(string node) => new(new NodeId(node), new Incarnation(1), new AwakeTime(TimeProvider.System));
}

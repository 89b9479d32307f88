using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Artel.Bench.Cluster;

/// <summary>Has another .NET program collect its garbage, through its diagnostics port, as dotnet-gcdump does.</summary>
internal static class GarbageOf
{
    // ClrTraceEventParser.Keywords.GCHeapCollect: a session that asks for it begins with a full collection.
    private const long HeapCollect = 0x800000;

    // Memory that has become free is given back to the system by later collections, a part each.
    private const int Collections = 3;
    private const int BufferMegabytes = 16;

    public static async Task CollectAsync(int pid)
    {
        for (var i = 0; i < Collections; i++)
        {
            try
            {
                using var session = await new DiagnosticsClient(pid).StartEventPipeSessionAsync(
                    [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, HeapCollect)], requestRundown: false,
                    BufferMegabytes, CancellationToken.None);

                // The runtime writes the session's end only when someone reads.
                var reading = session.EventStream.CopyToAsync(Stream.Null);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                await session.StopAsync(CancellationToken.None);
                await reading;
            }
            catch (Exception e) when (e is ServerNotAvailableException or ServerErrorException or TimeoutException)
            {
                throw new BenchException($"process {pid} can not be asked to collect its garbage: {e.Message}");
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Artel.Testing;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Cluster = Artel.Protocol.V1.Cluster;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Properties;

/// <summary>
/// Arbitrary messages of a joined node and arbitrary calls of a client, against a real server: it lives, an honest node stays connected and does its work, a call is
/// answered within five seconds, nothing is answered with Unknown or Internal, and memory is bounded. With the same seeds each time; if
/// ARTEL_FUZZ_SECONDS is set, with random ones for as long as it says. What fails is printed with the seed that makes it again.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class AnyMessageTests(ITestOutputHelper output)
{
    private const long MostMemory = 1L << 30;
    private const int MessagesOfLink = 20;
    private const int Seeds = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // They end what others need, or would make it impossible to tell who did.
    private static readonly string[] Left = ["StopServer", "RotateKey"];

    private static readonly int Seconds = int.TryParse(Environment.GetEnvironmentVariable("ARTEL_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_a_node_sends_is_its_own_loss()
    {
        await using var server = await StartAsync();
        var access = await server.JoinAsync("bad");
        var job = await server.SubmitAsync(new JobSpec
        {
            Sections = { new NodeSection { Node = "bad", AtOnce = 8, Tasks = { new TaskTemplate { Run = { "a" }, Retry = new RetryPolicy { Retries = 1000 }, Array = Indices(100_000) } } } },
        });

        await SampleAsync(async seed =>
        {
            await SpeakAsync(access, new WildMessages(new Random(seed)), seed);
            await CheckAsync(server, job);
        });
    }

    [Theory]
    [InlineData(Role.User)]
    [InlineData(Role.Admin)]
    public async Task Whatever_a_client_asks_is_answered_or_refused(Role role)
    {
        await using var server = await StartAsync();
        var caller = await server.CallerAsync(role, "fuzz");
        var job = await server.SubmitAsync(new JobSpec { Tasks = { new TaskTemplate { Run = { "a" }, Array = Indices(100) } } });
        var methods = Cluster.Descriptor.Methods.Where(m => !Left.Contains(m.Name)).ToArray();

        await SampleAsync(async seed =>
        {
            var wild = new WildMessages(new Random(seed));
            for (var i = 0; i < MessagesOfLink; i++)
            {
                var method = wild.Pick(methods);
                await CallAsync(caller, method, wild.Make(method.InputType));
            }

            await CheckAsync(server, job);
        });
    }

    /// <summary>The same seeds each time; with ARTEL_FUZZ_SECONDS, others each time.</summary>
    private async Task SampleAsync(Func<int, Task> trial)
    {
        if (Seconds > 0)
        {
            await Gen.Int.SampleAsync(trial, output.WriteLine, time: Seconds, threads: 1);
            return;
        }

        for (var seed = 0; seed < Seeds; seed++)
        {
            output.WriteLine($"seed {seed}");
            await trial(seed);
        }
    }

    private static async Task<LiveServer> StartAsync()
    {
        var server = await LiveServer.StartAsync();
        await server.ConnectAsync(new SimulatedWork { MilliCpus = 64_000 }, "honest");
        return server;
    }

    /// <summary>One link: a hello that is mostly right, then anything, until the server has enough of it.</summary>
    private static async Task SpeakAsync(ClusterAccess access, WildMessages wild, int seed)
    {
        await using var link = RawLink.Open(access, Cancellation);
        var hello = RawLink.HelloOf("bad");
        if (wild.Chance(0.2))
        {
            hello = wild.Make<Hello>();
            hello.Node = wild.Chance(0.9) ? "bad" : hello.Node;
        }

        hello.Incarnation = unchecked((ulong)seed);
        var leases = new List<Lease>();
        var reading = ReadAsync(link, leases);
        try
        {
            await link.SendAsync(new NodeMessage { Hello = hello });
            for (var i = 0; i < MessagesOfLink && !reading.IsCompleted; i++)
            {
                lock (leases)
                {
                    wild.Leases = [.. leases];
                }

                await link.SendAsync(wild.Make<NodeMessage>());
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The server has ended the link.
        }

        await link.DisposeAsync();
        Assert.DoesNotContain(await reading.WaitAsync(Patience, TimeProvider.System, Cancellation), s => s is StatusCode.Unknown or StatusCode.Internal);
    }

    /// <summary>Reads to the end of the link. The status that it ends with, if it ends with an error.</summary>
    private static async Task<StatusCode[]> ReadAsync(RawLink link, List<Lease> leases)
    {
        try
        {
            while (await link.Incoming.MoveNext(Cancellation))
            {
                foreach (var range in link.Incoming.Current.Assign?.Grants.Select(g => g.Leases) ?? [])
                {
                    lock (leases)
                    {
                        leases.AddRange(Enumerable.Range(0, range.Count).Select(i => new Lease { Epoch = range.Epoch, Sequence = range.FirstSequence + i }));
                    }
                }
            }

            return [];
        }
        catch (RpcException e)
        {
            return [e.StatusCode];
        }
        catch (InvalidOperationException)
        {
            // Disposed meanwhile.
            return [];
        }
    }

    private static async Task CallAsync(CallInvoker caller, MethodDescriptor descriptor, IMessage question)
    {
        var method = new Method<IMessage, byte[]>(
            descriptor.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, descriptor.Service.FullName, descriptor.Name,
            Marshallers.Create<IMessage>(m => m.ToByteArray(), _ => throw new NotSupportedException()), Marshallers.Create<byte[]>(b => b, b => b));
        var watch = Stopwatch.StartNew();
        try
        {
            if (descriptor.IsServerStreaming)
            {
                using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
                using var stream = caller.AsyncServerStreamingCall(method, null, new CallOptions(cancellationToken: enough.Token), question);
                try
                {
                    while (await stream.ResponseStream.MoveNext(enough.Token))
                    {
                    }
                }
                catch (RpcException) when (enough.IsCancellationRequested)
                {
                    // The caller itself broke the call off. Which status its own library gives that is not the server's.
                }
            }
            else
            {
                using var unary = caller.AsyncUnaryCall(method, null, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + (2 * Patience)), question);
                await unary;
            }
        }
        catch (RpcException e) when (e.StatusCode is not (StatusCode.Unknown or StatusCode.Internal or StatusCode.DataLoss or StatusCode.DeadlineExceeded or StatusCode.Unavailable))
        {
            Assert.InRange(e.Status.Detail.Length, 0, 20_000);
        }
        catch (RpcException e)
        {
            Assert.Fail($"{descriptor.Name}: {e.Status} for {Short(question)}");
        }

        Assert.True(watch.Elapsed < Patience, $"{descriptor.Name} took {watch.Elapsed} for {Short(question)}");
    }

    /// <summary>Everyone else goes on.</summary>
    private static async Task CheckAsync(LiveServer server, long job)
    {
        // Quotas that were set are obeyed, and the submitter here may be over one.
        await server.Admin.SetQuotaAsync(new SetQuotaRequest { Reset = true });
        await server.Admin.SetQuotaAsync(new SetQuotaRequest { User = "root", Reset = true });
        var watch = Stopwatch.StartNew();
        var honest = await server.SubmitAsync(new JobSpec
        {
            Priority = 1000,
            Sections = { new NodeSection { Node = "honest", Tasks = { new TaskTemplate { Run = { "a" } } } } },
        });
        var ended = await server.EndsAsync(honest);
        Assert.Equal(1, ended.Counts.Succeeded);
        Assert.True(watch.Elapsed < Patience, $"a task of the honest node took {watch.Elapsed}");

        // The ways in which people look, over everything that was said so far.
        watch.Restart();
        await server.Admin.GetStatusAsync(new GetStatusRequest());
        await server.Admin.ListNodesAsync(new ListNodesRequest());
        await server.Admin.ListJobsAsync(new ListJobsRequest { Limit = 100 });
        await server.Admin.GetJobAsync(new GetJobRequest { Job = job });
        await server.Admin.GetJobStatsAsync(new GetJobRequest { Job = job });
        await server.Admin.ListTasksAsync(new ListTasksRequest { Job = job, Limit = 100 });
        await server.Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job });
        await server.Admin.GroupFailuresAsync(new GroupFailuresRequest { Job = job });
        Assert.True(watch.Elapsed < Patience, $"to look took {watch.Elapsed}");

        // What nobody holds any more does not count.
        Assert.True(
            GC.GetTotalMemory(forceFullCollection: false) < MostMemory || GC.GetTotalMemory(forceFullCollection: true) < MostMemory,
            $"{GC.GetTotalMemory(forceFullCollection: false)} bytes are in use");
    }

    private static string Short(IMessage message)
    {
        var text = JsonFormatter.ToDiagnosticString(message);
        return text.Length > 2000 ? text[..2000] + "…" : text;
    }

    private static IndexSet Indices(int count) => new() { Ranges = { new IndexRange { First = 1, Last = count } } };
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Leases;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Node.Tests;

/// <summary>
/// How fast short tasks go through the node, beside a loop that does nothing but start them. Run it by hand, on a quiet machine:
/// <c>dotnet run -c Release --project tests/Artel.Node.Tests -- --explicit only --filter-class "*RateMeasurement" --show-live-output on</c>.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RateMeasurement : IDisposable
{
    private const int Tasks = 2000;
    private const int Slots = 2;
    private const int Rounds = 5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public async Task Short_tasks_against_a_bare_loop()
    {
        using var fast = new LinuxLauncher();
        using var portable = new PortableLauncher(TimeProvider.System);
        for (var round = 1; round <= Rounds; round++)
        {
            await Report(round, "bare posix_spawn and wait4", () => Task.FromResult(BareLoop()));
            await Report(round, "node, fast path", () => Node(fast, round));
            await Report(round, "node, portable path", () => Node(portable, round + 100));
        }
    }

    private static async Task Report(int round, string what, Func<Task<TimeSpan>> run)
    {
        var before = Environment.CpuUsage.TotalTime;
        var took = await run();
        var cpu = Environment.CpuUsage.TotalTime - before;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round}: {what}: {Tasks / took.TotalSeconds:0} tasks/s, {cpu.TotalMicroseconds / Tasks:0} µs of this process's own time each"));
    }

    private static TimeSpan BareLoop()
    {
        var watch = Stopwatch.StartNew();
        var left = Tasks;
        var threads = Enumerable.Range(0, Slots).Select(_ => new Thread(() =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                StartAndWait();
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();

        foreach (var thread in threads)
            thread.Join();

        return watch.Elapsed;
    }

    private static unsafe void StartAndWait()
    {
        var request = new LaunchRequest(["/bin/true"], new ProcessEnvironment(InheritedEnvironment.Empty));
        Assert.Equal(0, LinuxSpawn.Start("/bin/true", request, 0, 1, 2, out var pid));
        int status;
        Libc.Rusage usage;
        Assert.Equal(pid, Libc.wait4(pid, &status, 0, &usage));
    }

    private async Task<TimeSpan> Node(IProcessLauncher launcher, int round)
    {
        var folder = _folder.Folder(round.ToString(CultureInfo.InvariantCulture));
        var leases = new LeaseTable();
        using var spool = ResultSpool.Open(folder, leases, NullLogger.Instance);
        var options = new NodeAgentOptions
        {
            Id = "n1",
            DataDirectory = folder,
            Access = new ClusterAccess([], new CertificatePin(new byte[32]), ""),
            Resources = new Resources { MilliCpus = Slots * 1000 },
        };
        var scratch = new ScratchFolders(Path.Combine(folder, "scratch"), isForAccounts: false, NullLogger.Instance);
        using var workplace = new Workplace(options, launcher, spool, leases, scratch);
        var watch = Stopwatch.StartNew();
        workplace.Take(new Assign
        {
            Templates = { new TemplateDefinition { Job = 1, Spec = new TaskTemplate { Run = { "/bin/true" } } } },
            Grants = { new Grant { Job = 1, FirstTask = 1, Attempt = 1, Leases = new LeaseRange { Epoch = 1, FirstSequence = 1, Count = Tasks } } },
        });

        // Looked at seldom: the pool's threads spin a while after each look, on the processors that are measured.
        while (leases.Counts.Results < Tasks)
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);

        return watch.Elapsed;
    }
}

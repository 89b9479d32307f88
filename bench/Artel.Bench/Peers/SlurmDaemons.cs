using System.Globalization;
using System.Security.Cryptography;
using Artel.Testing;

namespace Artel.Bench.Peers;

/// <summary>
/// A Slurm of this machine alone: munged, slurmctld and slurmd on loopback, with everything they write in one temporary folder. Set up as
/// Slurm's "High Throughput Computing Administration Guide" advises: no accounting, little logging, select by cpu, short intervals.
/// </summary>
internal sealed class SlurmDaemons : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TestFolder _folder = new();
    private readonly List<(string Name, RunningProgram Program)> _daemons = [];

    private SlurmDaemons()
    {
    }

    /// <summary>For its commands.</summary>
    public IReadOnlyDictionary<string, string?> Variables => new Dictionary<string, string?> { ["SLURM_CONF"] = _folder["slurm.conf"] };

    /// <returns>They, or why they do not work.</returns>
    public static async Task<(SlurmDaemons? Daemons, string? Reason)> StartAsync()
    {
        var daemons = new SlurmDaemons();
        var reason = await daemons.ComeUpAsync();
        if (reason is null)
        {
            return (daemons, null);
        }

        await daemons.DisposeAsync();
        return (null, reason);
    }

    public async ValueTask DisposeAsync()
    {
        // In the order in which they need each other, the last one first.
        foreach (var (_, daemon) in Enumerable.Reverse(_daemons))
        {
            await daemon.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<string?> ComeUpAsync()
    {
        Directory.CreateDirectory(_folder["state"]);
        Directory.CreateDirectory(_folder["spool"]);
        await WriteKeyAsync();
        _folder.Write("slurm.conf", Configuration());

        // Read from the folder of slurm.conf. Nothing of control groups is used, and looking for them fails where there are none.
        _folder.Write("cgroup.conf", "CgroupPlugin=cgroup/v1\n");
        Start("munged", "--foreground", "--force", $"--key-file={_folder["munge.key"]}", $"--socket={Socket}", $"--pid-file={_folder["munged.pid"]}",
            $"--log-file={_folder["munged.log"]}", $"--seed-file={_folder["munged.seed"]}");
        Start("slurmctld", "-D", "-f", _folder["slurm.conf"]);
        Start("slurmd", "-D", "-f", _folder["slurm.conf"]);
        var began = TimeProvider.System.GetTimestamp();
        var seen = "";
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
        {
            if (_daemons.FirstOrDefault(d => d.Program.HasEnded) is { Name: not null } ended)
            {
                return $"{ended.Name} has ended: {LastLine(ended.Program.Errors)}";
            }

            await using var sinfo = RunningProgram.Start(InstalledProgram.Find("sinfo")!, ["--noheader", "--format=%T"], environment: Variables);
            var said = await sinfo.EndAsync();
            seen = said.Status == 0 ? said.Output.Trim() : LastLine(said.Errors);
            if (said.Status == 0 && seen == "idle")
            {
                return null;
            }

            await Task.Delay(Pause, TimeProvider.System);
        }

        return $"did not come up within {Patience.TotalSeconds} s: {seen}";
    }

    private string Socket => _folder["munge.socket"];

    private void Start(string daemon, params string[] arguments) =>
        _daemons.Add((daemon, RunningProgram.Start(InstalledProgram.Find(daemon)!, arguments, _folder.Path, Variables)));

    private async Task WriteKeyAsync()
    {
        await File.WriteAllBytesAsync(_folder["munge.key"], RandomNumberGenerator.GetBytes(128));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder["munge.key"], UnixFileMode.UserRead);
        }
    }

    private string Configuration()
    {
        var host = Environment.MachineName.Split('.')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=bench
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={HookListener.FreePort()}
            SlurmdPort={HookListener.FreePort()}
            SlurmUser={Environment.UserName}
            SlurmdUser={Environment.UserName}
            AuthType=auth/munge
            AuthInfo=socket={Socket}
            CredType=cred/munge
            StateSaveLocation={_folder["state"]}
            SlurmdSpoolDir={_folder["spool"]}
            SlurmctldPidFile={_folder["slurmctld.pid"]}
            SlurmdPidFile={_folder["slurmd.pid"]}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            SwitchType=switch/none
            ReturnToService=2
            SchedulerType=sched/backfill
            SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            SlurmdParameters=config_overrides
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            JobCompType=jobcomp/none
            MinJobAge=10
            SlurmctldDebug=error
            SlurmdDebug=error
            NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
            PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP

            """);
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
}

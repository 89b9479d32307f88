using System.Globalization;

namespace Artel.Bench.Peers;

/// <summary>Slurm with daemons of its own on loopback. <see cref="Array"/> and <see cref="Steps"/> are its two ways for many short tasks.</summary>
internal abstract class SlurmPeer : IPeer
{
    private SlurmDaemons? _daemons;

    public abstract string Name { get; }

    public abstract string Key { get; }

    public abstract int TasksOf(int thousand);

    public async Task<string?> PrepareAsync()
    {
        if (InstalledProgram.Lacking("munged", "slurmctld", "slurmd", "sbatch", "salloc", "srun", "sinfo") is { } lacking)
        {
            return lacking;
        }

        (_daemons, var reason) = await SlurmDaemons.StartAsync();
        return reason;
    }

    public Task<TimeSpan> RunAsync(int tasks) => RunAsync(tasks.ToString(CultureInfo.InvariantCulture), InstalledProgram.Numbers(tasks), _daemons!.Variables);

    public ValueTask DisposeAsync() => _daemons?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <param name="count">Of tasks.</param>
    /// <param name="numbers">A line each.</param>
    protected abstract Task<TimeSpan> RunAsync(string count, string numbers, IReadOnlyDictionary<string, string?> variables);

    /// <summary>One array job, from sbatch to its end.</summary>
    internal sealed class Array : SlurmPeer
    {
        public override string Name => "Slurm, array job";

        public override string Key => "slurm_array";

        public override int TasksOf(int thousand) => Math.Max(4, thousand / 50);

        protected override async Task<TimeSpan> RunAsync(string count, string numbers, IReadOnlyDictionary<string, string?> variables) =>
            (await InstalledProgram.RunAsync(
                "sbatch", ["--wait", $"--array=1-{count}", "--ntasks=1", "--output=/dev/null", "--wrap=/bin/true"], environment: variables)).Took;
    }

    /// <summary>Steps of one allocation, two at a time.</summary>
    internal sealed class Steps : SlurmPeer
    {
        public override string Name => "Slurm, job steps";

        public override string Key => "slurm_steps";

        public override int TasksOf(int thousand) => Math.Max(4, thousand / 10);

        protected override async Task<TimeSpan> RunAsync(string count, string numbers, IReadOnlyDictionary<string, string?> variables) =>
            (await InstalledProgram.RunAsync(
                "salloc", ["--quiet", "--ntasks=2", "xargs", "-P2", "-n1", "srun", "--ntasks=1", "--nodes=1", "--exact", "/bin/true"], numbers, variables)).Took;
    }
}

using System.Globalization;

namespace Artel.Bench.Peers;

/// <summary>
/// Dask's distributed scheduler with two worker processes on this machine. Its own time is taken, after workers have started and warmed
/// up: they are to be compared with a cluster that runs already.
/// </summary>
internal sealed class DaskPeer : IPeer
{
    // Debian's packages belong to Debian's Python, whichever comes first in the search path.
    private const string Python = "python3";

    private const string Script = """
        import subprocess, sys, time
        from dask.distributed import Client, LocalCluster

        def run(number):
            return subprocess.call(["/bin/true"])

        if __name__ == "__main__":
            tasks = int(sys.argv[1])
            with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster, Client(cluster) as client:
                client.gather(client.map(run, range(100), pure=False))
                start = time.perf_counter()
                failed = sum(client.gather(client.map(run, range(tasks), pure=False)))
                print("took", time.perf_counter() - start, "failed", failed)
        """;

    private readonly Testing.TestFolder _folder = new();

    public string Name => "Dask, 2 workers";

    public string Key => "dask";

    public int TasksOf(int thousand) => thousand;

    public async Task<string?> PrepareAsync()
    {
        _folder.Write("tasks.py", Script);
        if (InstalledProgram.Lacking(Python) is { } lacking)
        {
            return lacking;
        }

        var there = await InstalledProgram.RunAsync(Python, ["-c", "import importlib.util; print(importlib.util.find_spec('distributed') is not None)"]);
        return there.Output.Trim() == "True" ? null : "not installed (Python's distributed): --install-peers";
    }

    public async Task<TimeSpan> RunAsync(int tasks)
    {
        var (_, output) = await InstalledProgram.RunAsync(Python, [_folder["tasks.py"], tasks.ToString(CultureInfo.InvariantCulture)]);
        var words = output.Split('\n').Last(l => l.StartsWith("took ", StringComparison.Ordinal)).Split(' ');
        return words[3] == "0" ? TimeSpan.FromSeconds(double.Parse(words[1], CultureInfo.InvariantCulture)) : throw new Cluster.BenchException($"Dask: {output}");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

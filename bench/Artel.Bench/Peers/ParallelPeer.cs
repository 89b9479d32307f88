namespace Artel.Bench.Peers;

/// <summary>GNU parallel, which keeps the outputs of its jobs apart, as Artel does.</summary>
internal sealed class ParallelPeer : IPeer
{
    public string Name => "GNU parallel -j2";

    public string Key => "parallel";

    public int TasksOf(int thousand) => thousand;

    public Task<string?> PrepareAsync() => Task.FromResult(InstalledProgram.Lacking("parallel"));

    public async Task<TimeSpan> RunAsync(int tasks) =>
        (await InstalledProgram.RunAsync("parallel", ["--will-cite", "-j2", "/bin/true", "{}"], InstalledProgram.Numbers(tasks))).Took;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

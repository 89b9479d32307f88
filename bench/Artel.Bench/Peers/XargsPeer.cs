namespace Artel.Bench.Peers;

/// <summary>xargs of findutils: the simplest that runs two at a time; it keeps nothing of them.</summary>
internal sealed class XargsPeer : IPeer
{
    public string Name => "xargs -P2 -n1";

    public string Key => "xargs";

    public int TasksOf(int thousand) => thousand;

    public Task<string?> PrepareAsync() => Task.FromResult(InstalledProgram.Lacking("xargs"));

    public async Task<TimeSpan> RunAsync(int tasks) => (await InstalledProgram.RunAsync("xargs", ["-P2", "-n1", "/bin/true"], InstalledProgram.Numbers(tasks))).Took;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using Artel.Protocol.Client;
using Artel.Testing;
using Microsoft.Extensions.Time.Testing;
using Task = System.Threading.Tasks.Task;

namespace Artel.Protocol.Tests.Client;

public sealed class StaggeredRaceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _started = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_starts_a_moment_later_while_the_one_before_it_goes_on()
    {
        var slow = new TaskCompletionSource<Prize?>();
        var race = RaceAsync(("slow", slow.Task), ("second", new TaskCompletionSource<Prize?>().Task));
        Assert.Equal(["slow"], _started);

        _time.Advance(StaggeredRace.Stagger);
        await Eventually.Holds(() => _started.Count == 2, "the second starts");
        slow.SetResult(new Prize());

        Assert.Same(await slow.Task, await race);
    }

    [Fact]
    public async Task The_next_starts_at_once_if_one_has_failed()
    {
        var prize = new Prize();

        var first = await RaceAsync(
            ("refused", Task.FromResult<Prize?>(null)), ("good", Task.FromResult<Prize?>(prize)));

        Assert.Same(prize, first);
        Assert.False(prize.IsDisposed);
    }

    [Fact]
    public async Task What_comes_too_late_is_disposed_of()
    {
        var late = new TaskCompletionSource<Prize?>();
        var race = RaceAsync(("late", late.Task), ("good", Task.FromResult<Prize?>(new Prize())));
        _time.Advance(StaggeredRace.Stagger);
        await race;
        var second = new Prize();

        late.SetResult(second);

        await Eventually.Holds(() => second.IsDisposed, "the late one is disposed of");
    }

    [Fact]
    public async Task If_all_fail_nobody_wins() =>
        Assert.Null(await RaceAsync(("one", Task.FromResult<Prize?>(null)), ("two", Task.FromResult<Prize?>(null))));

    private Task<Prize?> RaceAsync(params (string Name, Task<Prize?> End)[] attempts) => StaggeredRace.FirstAsync<Prize>(
        [.. attempts.Select(a => (Func<CancellationToken, Task<Prize?>>)(_ =>
        {
            _started.Add(a.Name);
            return a.End;
        }))],
        _time,
        Cancellation);

    private sealed class Prize : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}

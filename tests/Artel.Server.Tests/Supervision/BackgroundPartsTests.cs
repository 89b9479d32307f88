using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Server.Tests.Supervision;

public sealed class BackgroundPartsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BackgroundParts _parts;

    public BackgroundPartsTests() => _parts = new BackgroundParts(_time, NullLogger<BackgroundParts>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Outside of the test's synchronization context all continuations run at once, and what is seen next is what has happened.
    [Fact]
    public Task A_part_that_throws_is_named_with_its_reason_and_started_again_until_it_is_well() => Task.Run(async () =>
    {
        var begun = new List<TaskCompletionSource>();
        var running = _parts.RunAsync("running schedules", _ => Next(begun).Task, Cancellation);
        Assert.Null(_parts.Problem);

        begun[0].SetException(new InvalidTimeZoneException("no such\nzone"));
        Assert.Equal("running schedules failed: InvalidTimeZoneException: no such zone", _parts.Problem);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, begun.Count);
        Assert.NotNull(_parts.Problem);

        _time.Advance(BackgroundParts.Well);
        Assert.Null(_parts.Problem);
        begun[1].SetResult();
        await running;
    });

    [Fact]
    public Task The_pause_doubles_while_a_part_fails_at_once() => Task.Run(async () =>
    {
        using var stop = new CancellationTokenSource();
        var runs = 0;
        var running = _parts.RunAsync("a part", _ => throw new InvalidTimeZoneException($"{++runs}"), stop.Token);

        int[] after = [1, 2, 4, 8, 16, 32, 60, 60];
        foreach (var (i, seconds) in after.Index())
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal(i + 1, runs);
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.Equal(i + 2, runs);
        }

        await stop.CancelAsync();
        await running;
    });

    [Fact]
    public async Task What_the_server_ends_with_is_passed_on()
    {
        await Assert.ThrowsAsync<StoreException>(() => _parts.RunAsync("a part", _ => throw new StoreException("the disk is full"), Cancellation));
        await Assert.ThrowsAsync<LoopStoppedException>(() => _parts.RunAsync("a part", _ => throw new LoopStoppedException("broken"), Cancellation));
        Assert.Null(_parts.Problem);
    }

    [Fact]
    public void A_call_that_throws_is_its_parts_alone()
    {
        _parts.Call("notifying nodes", () => throw new InvalidTimeZoneException("a bug"));

        Assert.Equal("notifying nodes failed: InvalidTimeZoneException: a bug", _parts.Problem);
    }

    private static TaskCompletionSource Next(List<TaskCompletionSource> begun)
    {
        begun.Add(new TaskCompletionSource());
        return begun[^1];
    }
}

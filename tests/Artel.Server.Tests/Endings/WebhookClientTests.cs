using System.Diagnostics.CodeAnalysis;
using Artel.Server.Endings;
using Artel.Testing;
using Microsoft.Extensions.Time.Testing;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Endings;

/// <summary>Calls to a real receiver: how often, how long, where to, and where not.</summary>
[SuppressMessage("Reliability", "CA2000", Justification = "Disposed with the test's own using.")]
public sealed class WebhookClientTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WebhookClient _client;
    private readonly SemaphoreSlim _slots = new(4, 4);
    private readonly List<(string Reason, TimeSpan Pause)> _failures = [];

    public WebhookClientTests() => _client = new WebhookClient(_time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
    }

    [Fact]
    public async Task A_receiver_that_fails_twice_is_called_a_third_time_with_the_same_delivery()
    {
        using var receiver = HookListener.Start(number => number < 3 ? 503 : 200);

        Assert.Null(await CallAsync($"http://{receiver.Host}/hook?a=b"));

        Assert.Equal(3, receiver.Calls.Count);
        Assert.All(receiver.Calls, call => Assert.Equal(("/hook?a=b", "POST", "application/json", "here-1"), (call.Path, call.Method, call.ContentType, call.Delivery)));
        Assert.All(receiver.Calls, call => Assert.Contains("\"id\": \"12\"", call.Body, StringComparison.Ordinal));
        Assert.Equal([("it answered 503", TimeSpan.FromSeconds(0.5)), ("it answered 503", TimeSpan.FromSeconds(2))], _failures);
    }

    [Fact]
    public async Task One_that_never_succeeds_is_given_up_within_the_hour()
    {
        using var receiver = HookListener.Start(_ => 500);

        Assert.Equal("it answered 500", await CallAsync($"http://{receiver.Host}/"));

        Assert.Equal(WebhookClient.MostTries, receiver.Calls.Count);
        Assert.Equal(WebhookClient.MostTries - 1, _failures.Count);
        Assert.InRange(_failures.Sum(f => f.Pause.TotalMinutes), 40, 60);
    }

    [Fact]
    public async Task Calls_before_a_restart_count()
    {
        using var receiver = HookListener.Start(_ => 500);

        await CallAsync($"http://{receiver.Host}/", triesBefore: 6);

        Assert.Equal(2, receiver.Calls.Count);
        Assert.Equal(TimeSpan.FromSeconds(0.5 * 4096), Assert.Single(_failures).Pause);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var inner = HookListener.Start();
        using var receiver = HookListener.StartWith((_, context) =>
        {
            context.Response.Redirect($"http://{inner.Host}/secret");
            return Task.CompletedTask;
        });

        Assert.Equal("it answered 302, a redirect, which is not followed", await CallAsync($"http://{receiver.Host}/", triesBefore: 7));

        Assert.Empty(inner.Calls);
    }

    [Fact]
    public async Task Nothing_that_listens_is_a_failure_with_its_reason()
    {
        using var closed = new ClosedPort();

        Assert.Contains("refused", await CallAsync($"http://{closed.Host}/", triesBefore: 7), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task No_more_are_called_at_once_than_there_are_slots()
    {
        var open = new TaskCompletionSource();
        var (atOnce, most) = (0, 0);
        using var receiver = HookListener.StartWith(async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            await open.Task;
            Interlocked.Decrement(ref atOnce);
        });

        var calls = Enumerable.Range(0, 12).Select(_ => CallAsync($"http://{receiver.Host}/")).ToArray();
        await Eventually.Holds(() => receiver.Calls.Count == 4, "four calls are under way", () => $"{receiver.Calls.Count}");
        open.SetResult();

        Assert.All(await Task.WhenAll(calls), Assert.Null);
        Assert.Equal((4, 12), (most, receiver.Calls.Count));
    }

    /// <summary>Lets the time go on while it waits for its next call.</summary>
    private async Task<string?> CallAsync(string url, int triesBefore = 0)
    {
        var (failures, advanced) = (0, 0);
        var call = _client.CallAsync(
            url, "here-1", new V1.Job { Id = 12, State = V1.JobState.Failed }, triesBefore, _slots,
            (reason, pause) =>
            {
                _failures.Add((reason, pause));
                failures++;
                return Task.CompletedTask;
            },
            Cancellation);
        await Eventually.Holds(
            () =>
            {
                // A little at a time, so that the timer of the pause is there before its time is over.
                if (failures > 0)
                {
                    advanced++;
                    _time.Advance(TimeSpan.FromSeconds(30));
                }

                return call.IsCompleted;
            },
            "the call has ended", () => $"{failures} failures, {advanced} steps");
        return await call;
    }
}

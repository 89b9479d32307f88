using Artel.Server.Edge;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Server.Tests.Edge;

/// <summary>Who gets memory for a large message, and who waits.</summary>
public sealed class MessageBudgetTests
{
    private const long Mebibyte = 1 << 20;

    private readonly FakeTimeProvider _time = new();
    private readonly MessageBudget _budget;

    public MessageBudgetTests() => _budget = new MessageBudget(_time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_caller_has_half_of_it_and_the_next_message_waits_for_one_to_end()
    {
        var held = new List<IDisposable?>();
        for (var i = 0; i < 4; i++)
        {
            held.Add(await _budget.ReserveAsync("anna", 32 * Mebibyte, Cancellation));
        }

        var fifth = _budget.ReserveAsync("anna", 32 * Mebibyte, Cancellation).AsTask();
        using var bobs = await _budget.ReserveAsync("bob", 128 * Mebibyte, Cancellation);
        Assert.NotNull(bobs);
        Assert.False(fifth.IsCompleted);

        held[0]!.Dispose();

        Assert.NotNull(await fifth);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_and_holds_nothing()
    {
        using var all = await _budget.ReserveAsync("anna", 500 * Mebibyte, Cancellation);
        var late = _budget.ReserveAsync("anna", Mebibyte, Cancellation).AsTask();

        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(await late);

        all!.Dispose();
        using var whole = await _budget.ReserveAsync("anna", 128 * Mebibyte, Cancellation);
        Assert.NotNull(whole);
    }

    [Fact]
    public async Task What_was_returned_twice_counts_once()
    {
        var first = await _budget.ReserveAsync("anna", 128 * Mebibyte, Cancellation);
        first!.Dispose();
        first.Dispose();
        using var second = await _budget.ReserveAsync("anna", 128 * Mebibyte, Cancellation);

        var third = _budget.ReserveAsync("anna", Mebibyte, Cancellation).AsTask();
        Assert.False(third.IsCompleted);
    }
}

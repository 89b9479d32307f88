using Artel.Server.Hosting;

namespace Artel.Server.Tests.Hosting;

public sealed class ConnectionMemoryTests
{
    [Fact]
    public void A_block_is_a_record_of_tls_and_is_used_again()
    {
        using var pool = new ConnectionMemory().Create();

        var first = pool.Rent(1);
        var bytes = first.Memory;
        var second = pool.Rent();
        first.Dispose();
        using var third = pool.Rent(4096);

        Assert.Equal(16 * 1024, bytes.Length);
        Assert.Equal(bytes, third.Memory);
        Assert.NotEqual(bytes, second.Memory);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }

    [Fact]
    public void What_was_needed_for_a_moment_is_not_kept()
    {
        using var pool = new ConnectionMemory().Create();
        var many = Enumerable.Range(0, 1000).Select(_ => pool.Rent()).ToList();
        many.ForEach(block => block.Dispose());

        var again = Enumerable.Range(0, 1000).Select(_ => pool.Rent()).ToHashSet();

        Assert.Equal(256, many.Count(again.Contains));
    }
}

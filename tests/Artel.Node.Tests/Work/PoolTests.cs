using Artel.Node.Work;

namespace Artel.Node.Tests.Work;

/// <summary>Gpus and cpus that are handed out one by one.</summary>
public sealed class PoolTests
{
    [Fact]
    public void Whole_gpus_are_given_to_one_task_at_a_time()
    {
        var pool = new GpuPool(3000, []);

        var two = pool.Take(2000);
        var one = pool.Take(1000);

        Assert.Equal(["0", "1"], Names(two));
        Assert.Equal(["2"], Names(one));
        Assert.False(pool.Fits(1000));
        Assert.False(pool.Fits(1));
        GpuPool.GiveBack(two, 2000);
        Assert.True(pool.Fits(2000));
        Assert.False(pool.Fits(3000));
    }

    [Fact]
    public void Fractions_share_a_gpu_as_long_as_they_fit_and_leave_whole_ones_whole()
    {
        var pool = new GpuPool(2000, []);

        var half = pool.Take(500);
        Assert.Equal(["0"], Names(half));
        Assert.Equal(["0"], Names(pool.Take(300)));
        Assert.True(pool.Fits(1000));
        Assert.Equal(["1"], Names(pool.Take(700)));
        Assert.False(pool.Fits(1000));

        // 0.2 are left of the one and 0.3 of the other.
        Assert.Equal(["0"], Names(pool.Take(200)));
        Assert.False(pool.Fits(400));
        GpuPool.GiveBack(half, 500);
        Assert.Equal(["0"], Names(pool.Take(400)));
    }

    [Fact]
    public void A_gpu_in_parts_is_not_given_as_a_whole()
    {
        var pool = new GpuPool(2000, []);
        pool.Take(600);
        pool.Take(600);

        Assert.False(pool.Fits(1000));
        Assert.False(pool.Fits(500));
        Assert.True(pool.Fits(400));
        Assert.True(pool.Fits(0));
    }

    [Fact]
    public void A_node_with_part_of_a_gpu_gives_no_more_of_it()
    {
        var pool = new GpuPool(1500, []);

        Assert.False(pool.CanEverFit(2000));
        Assert.True(pool.CanEverFit(1000));
        pool.Take(1000);
        Assert.False(pool.Fits(600));
        Assert.Equal(["1"], Names(pool.Take(500)));
    }

    [Fact]
    public void Gpus_have_the_names_that_were_found_unless_those_are_too_few()
    {
        Assert.Equal(["3", "GPU-1a"], Names(new GpuPool(2000, ["3", "GPU-1a"]).Take(2000)));
        Assert.Equal(["3"], Names(new GpuPool(1000, ["3", "GPU-1a"]).Take(1000)));
        Assert.Equal(["0", "1"], Names(new GpuPool(2000, ["1"]).Take(2000)));
    }

    [Fact]
    public void Cpus_are_neighbours_where_that_can_be()
    {
        var pool = new CpuPool([0, 1, 2, 3, 8, 9]);

        var first = pool.Take(1);
        Assert.Equal([0], first);
        Assert.Equal([1, 2], pool.Take(2));
        Assert.Equal([8, 9], pool.Take(2));
        pool.GiveBack(first);
        Assert.Equal([0, 3], pool.Take(2));
        Assert.False(pool.Fits(1));
    }

    private static string[] Names(IReadOnlyList<Gpu> gpus) => [.. gpus.Select(g => g.Name)];
}

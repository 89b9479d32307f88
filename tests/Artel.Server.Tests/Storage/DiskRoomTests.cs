using Artel.Server.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Server.Tests.Storage;

/// <summary>What may be taken of a disk of which a reserve is kept.</summary>
public sealed class DiskRoomTests
{
    private const long Mebibyte = 1 << 20;
    private readonly FakeTimeProvider _time = new();
    private long _free = 100 * Mebibyte;
    private int _looks;

    [Theory]
    [InlineData(100L << 40, 1L << 30)]
    [InlineData(70L << 20, (70L << 20) / 20)]
    public void The_reserve_is_one_gibibyte_or_a_twentieth_where_that_is_less(long total, long expected) =>
        Assert.Equal(expected, new DiskRoom("/data", null, _time, () => (total, total)).Reserve);

    [Fact]
    public void What_was_promised_is_not_promised_again_until_it_is_written_or_given_back()
    {
        var room = Make(reserve: 10 * Mebibyte);

        Assert.True(room.TryPromise(60 * Mebibyte));
        Assert.False(room.TryPromise(31 * Mebibyte));
        Assert.True(room.TryPromise(30 * Mebibyte));
        room.GiveBack(60 * Mebibyte);
        Assert.True(room.TryPromise(60 * Mebibyte));
    }

    [Fact]
    public void What_was_written_since_the_last_look_counts()
    {
        var room = Make(reserve: Mebibyte);
        for (var written = 0; written < 90; written++)
        {
            _free -= Mebibyte;
            Assert.True(room.TryTake(Mebibyte));
        }

        Assert.InRange(_looks, 1, 2);
        Assert.Equal(10 * Mebibyte, room.Free);
        Assert.False(room.TryTake(10 * Mebibyte));
    }

    [Fact]
    public void Below_the_reserve_it_is_short_below_half_of_it_very_short_and_with_room_it_is_neither()
    {
        var room = Make(reserve: 10 * Mebibyte);
        Assert.Null(room.Problem);

        Leave(9 * Mebibyte);
        Assert.Equal((true, false), (room.IsLow, room.IsVeryLow));
        Assert.Equal("the disk of /data has 9 MiB left and a reserve of 10 MiB: long output and large jobs wait until there is room", room.Problem);
        Assert.False(room.TryPromise(1));

        Leave(4 * Mebibyte);
        Assert.True(room.IsVeryLow);
        Assert.Equal("the disk of /data has 4 MiB left and a reserve of 10 MiB: no task is started and no job accepted until there is room", room.Problem);

        Leave(50 * Mebibyte);
        Assert.Equal((false, false, null), (room.IsLow, room.IsVeryLow, room.Problem));
        Assert.True(room.TryPromise(Mebibyte));
    }

    [Fact]
    public void The_refusal_says_how_much_there_is_and_how_much_is_kept()
    {
        var room = Make(reserve: 10 * Mebibyte);
        Leave(12 * Mebibyte);

        Assert.Equal(
            "the disk of the server has no room for 5 MiB: 12 MiB are left and 10 MiB are kept in reserve; it is taken when there is room",
            Assert.Throws<NoRoomException>(() => room.Require(5 * Mebibyte)).Message);
    }

    [Fact]
    public void While_there_is_much_room_the_file_system_is_not_asked_each_time()
    {
        var room = Make(reserve: 10 * Mebibyte);
        for (var i = 0; i < 1000; i++)
        {
            room.Require(1024);
        }

        Assert.Equal(1, _looks);
    }

    [Fact]
    public void Without_a_reserve_nothing_is_refused_before_the_disk_is_full()
    {
        var room = Make(reserve: 0);
        Leave(1024);

        Assert.Null(room.Problem);
        Assert.True(room.TryPromise(1024));
    }

    private DiskRoom Make(long reserve) => new("/data", reserve, _time, () =>
    {
        _looks++;
        return (_free, 200 * Mebibyte);
    });

    private void Leave(long free)
    {
        _free = free;
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}

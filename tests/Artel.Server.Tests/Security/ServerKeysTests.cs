using System.Net;
using Artel.Protocol.Client;
using Artel.Server.Security;
using Artel.Server.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Server.Tests.Security;

public sealed class ServerKeysTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("artel-test-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly DataFolder _data;

    public ServerKeysTests() => _data = DataFolder.Open(_path);

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public void The_old_key_is_used_until_the_overlap_is_over_and_the_new_one_from_then_on()
    {
        using var keys = Open();
        var before = keys.Pins.Current;

        Assert.True(keys.TryAnnounce(TimeSpan.FromDays(7)));
        Assert.False(keys.TryAnnounce(TimeSpan.FromDays(7)));
        var next = keys.Pins.Next!;
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.False(keys.SwitchIfDue());
        Assert.Equal(before, keys.Current.Pin);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(keys.SwitchIfDue());
        Assert.Equal(new ServerPins(next), keys.Pins);
        Assert.Null(keys.Switches);
        Assert.Null(keys.NextPinText);
        Assert.False(keys.SwitchIfDue());
    }

    [Fact]
    public void An_announced_change_is_kept_over_a_restart_and_made_if_its_time_passed_meanwhile()
    {
        ServerPins announced;
        DateTimeOffset? switches;
        using (var keys = Open())
        {
            keys.TryAnnounce(TimeSpan.FromHours(1));
            (announced, switches) = (keys.Pins, keys.Switches);
        }

        using (var keys = Open())
        {
            Assert.Equal((announced, switches), (keys.Pins, keys.Switches));
        }

        _time.Advance(TimeSpan.FromHours(2));
        using (var keys = Open())
        {
            Assert.Equal(new ServerPins(announced.Next!), keys.Pins);
        }

        Assert.Equal(["certificate.pem"], Directory.GetFiles(_path, "certificate*").Select(Path.GetFileName));
    }

    [Fact]
    public void A_change_at_once_takes_the_announced_key_or_a_new_one()
    {
        using var keys = Open();
        keys.TryAnnounce(TimeSpan.FromDays(1));
        var announced = keys.Pins.Next!;

        keys.SwitchNow();
        Assert.Equal(new ServerPins(announced), keys.Pins);

        keys.SwitchNow();
        Assert.NotEqual(announced, keys.Pins.Current);
        using var again = Open();
        Assert.Equal(keys.Pins, again.Pins);
    }

    [Fact]
    public void Both_files_are_for_the_owner_alone_and_a_damaged_one_says_what_to_do()
    {
        using (var keys = Open())
        {
            keys.TryAnnounce(TimeSpan.FromDays(1));
        }

        var file = Path.Combine(_path, "certificate-next.pem");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        File.WriteAllText(file, "# in use from tomorrow");
        Assert.Contains("remove it to keep the present key", Assert.Throws<StoreException>(Open).Message, StringComparison.Ordinal);
    }

    private ServerKeys Open() => ServerKeys.Open(_data, IPAddress.Loopback, _time);
}

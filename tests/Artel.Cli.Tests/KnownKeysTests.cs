using Artel.Cli.Access;
using Artel.Protocol.Client;

namespace Artel.Cli.Tests;

/// <summary>Changes of a server's key are remembered for tokens of before.</summary>
public sealed class KnownKeysTests : IDisposable
{
    private static readonly CertificatePin First = Pin(1);
    private static readonly CertificatePin Second = Pin(2);
    private static readonly CertificatePin Third = Pin(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("artel-cli-test-").FullName;

    private string File => Path.Combine(_folder, "server-keys");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_token_of_before_goes_on_working_once_the_change_was_announced()
    {
        Token(First).Announced(Second);

        Assert.Equal(new ServerPins(First, Second), Token(First).Pins);
        Assert.Equal(new ServerPins(Third), Token(Third).Pins);
    }

    [Fact]
    public void The_old_key_is_not_accepted_any_more_once_the_new_one_was_seen()
    {
        var keys = Token(First);
        keys.Announced(Second);
        keys.Presented(First);
        Assert.True(keys.Pins.Accept(First));

        keys.Presented(Second);

        Assert.False(keys.Pins.Accept(First));
        Assert.Equal(new ServerPins(Second), Token(First).Pins);
    }

    [Fact]
    public void Changes_are_followed_one_after_the_other()
    {
        var keys = Token(First);
        keys.Announced(Second);
        keys.Presented(Second);
        keys.Announced(Third);
        Assert.Equal(new ServerPins(Second, Third), Token(First).Pins);

        keys.Presented(Third);

        Assert.Equal(new ServerPins(Third), Token(First).Pins);
        Assert.Equal(new ServerPins(Third), Token(Second).Pins);
    }

    [Fact]
    public void A_token_that_names_both_keys_needs_no_announcement()
    {
        var keys = new KnownKeys(File, new ServerPins(First, Second));
        Assert.False(System.IO.File.Exists(File));

        keys.Presented(Second);

        Assert.Equal(new ServerPins(Second), Token(First).Pins);
    }

    [Fact]
    public void A_key_that_nobody_announced_is_not_learned()
    {
        var keys = Token(First);

        keys.Presented(Second);

        Assert.False(keys.Pins.Accept(Second));
        Assert.False(System.IO.File.Exists(File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\nsha256:12 sha256:34 used\n")]
    public void A_damaged_file_is_as_good_as_none(string content)
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Equal(new ServerPins(First), Token(First).Pins);

        Token(First).Announced(Second);

        Assert.Equal(new ServerPins(First, Second), Token(First).Pins);
    }

    private static CertificatePin Pin(byte value) => new([.. Enumerable.Repeat(value, 32)]);

    private KnownKeys Token(CertificatePin pin) => new(File, new ServerPins(pin));
}

using Artel.Cli.Access;
using Artel.Protocol.Client;

namespace Artel.Cli.Tests;

/// <summary>Of a token with several addresses, the one that has worked is tried first.</summary>
public sealed class KnownAddressesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artel-cli-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_one_that_worked_comes_first_the_next_time()
    {
        Of(1).Worked(["a:1", "b:1", "c:1"], "c:1");
        Of(2).Worked(["x:1", "y:1"], "y:1");

        Assert.Equal(["c:1", "a:1", "b:1"], Of(1).InOrder(["a:1", "b:1", "c:1"]));
        Assert.Equal(["y:1", "x:1"], Of(2).InOrder(["x:1", "y:1"]));
        Assert.Equal(["a:1", "b:1"], Of(3).InOrder(["a:1", "b:1"]));
    }

    [Fact]
    public void What_the_token_does_not_name_is_not_tried()
    {
        Of(1).Worked(["a:1", "b:1"], "b:1");

        Assert.Equal(["a:1", "c:1"], Of(1).InOrder(["a:1", "c:1"]));
    }

    [Fact]
    public void Nothing_is_written_if_the_first_one_works()
    {
        Of(1).Worked(["a:1", "b:1"], "a:1");

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private KnownAddresses Of(byte pin) => new(
        Path.Combine(_folder, "home", "server-addresses"), new CertificatePin([.. Enumerable.Repeat(pin, 32)]));
}

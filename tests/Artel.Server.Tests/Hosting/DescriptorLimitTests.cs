using Artel.Server.Hosting;

namespace Artel.Server.Tests.Hosting;

public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData(576, 64)]
    [InlineData(1024, 512)]
    [InlineData(4096, 3584)]
    [InlineData(1_048_576, 50_000)]
    public void Some_descriptors_are_left_for_what_is_not_a_connection(long openFiles, int connections) =>
        Assert.Equal(connections, DescriptorLimit.ConnectionsOf(openFiles));

    [Fact]
    public void With_too_few_it_does_not_start_and_says_so() =>
        Assert.Contains("575 files only: a server needs 576", Assert.Throws<ServerStartException>(() => DescriptorLimit.ConnectionsOf(575)).Message, StringComparison.Ordinal);

    [Fact]
    public void This_system_tells_its_limit() => Assert.InRange(DescriptorLimit.Connections(), 1, 50_000);
}

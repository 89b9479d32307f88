using Artel.Protocol.Client;

namespace Artel.Protocol.Tests.Client;

public sealed class ProtocolVersionTests
{
    [Theory]
    [InlineData("1.0", 1, 0)]
    [InlineData("12.34", 12, 34)]
    public void A_version_reads_back(string text, int major, int minor)
    {
        Assert.True(ProtocolVersion.TryParse(text, out var version));
        Assert.Equal(new ProtocolVersion(major, minor), version);
        Assert.Equal(text, version.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.")]
    [InlineData(".1")]
    [InlineData("1.0.0")]
    [InlineData("-1.0")]
    [InlineData(" 1.0")]
    [InlineData("1.99999999999")]
    public void Other_text_is_no_version(string? text) => Assert.False(ProtocolVersion.TryParse(text, out _));

    [Theory]
    [InlineData(1, 3, true)]
    [InlineData(1, 4, true)]
    [InlineData(1, 2, true)]
    [InlineData(1, 5, false)]
    [InlineData(1, 1, false)]
    [InlineData(2, 3, false)]
    [InlineData(0, 3, false)]
    public void Peers_one_minor_version_apart_work_together(int major, int minor, bool works)
    {
        var (ours, theirs) = (new ProtocolVersion(1, 3), new ProtocolVersion(major, minor));

        Assert.Equal(works, ours.WorksWith(theirs));
        Assert.Equal(works, theirs.WorksWith(ours));
    }

    [Fact]
    public void A_refusal_names_the_older_side()
    {
        var (old, recent) = (new ProtocolVersion(1, 0), new ProtocolVersion(1, 2));

        Assert.Equal("protocol 1.2 of this artel and 1.0 of the server are too far apart: update the server", ProtocolVersion.Refusal(old, recent, "this artel"));
        Assert.Equal("protocol 1.0 of this artel and 1.2 of the server are too far apart: update this artel", ProtocolVersion.Refusal(recent, old, "this artel"));
    }
}

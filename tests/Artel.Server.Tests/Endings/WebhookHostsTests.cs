using Artel.Server.Endings;

namespace Artel.Server.Tests.Endings;

/// <summary>Which addresses a server calls.</summary>
public sealed class WebhookHostsTests
{
    [Theory]
    [InlineData("hooks.example.org", "https://hooks.example.org/a?b=c", true)]
    [InlineData("hooks.example.org", "http://HOOKS.example.org/", true)]
    [InlineData("Hooks.Example.org:8443", "https://hooks.example.org:8443/", true)]
    [InlineData("10.0.0.5:443", "https://10.0.0.5/", true)]
    [InlineData("[::1]:8080", "http://[::1]:8080/", true)]
    [InlineData("hooks.example.org", "https://hooks.example.org:8443/", false)]
    [InlineData("hooks.example.org:8443", "https://hooks.example.org/", false)]
    [InlineData("hooks.example.org", "https://evil.hooks.example.org/", false)]
    [InlineData("hooks.example.org", "https://hooks.example.org.evil.net/", false)]
    [InlineData("localhost:80", "http://127.0.0.1/", false)]
    public void Only_what_was_named_is_called(string host, string url, bool expected)
    {
        var hosts = new WebhookHosts([WebhookHosts.Parse(host, out _)!]);

        Assert.Equal(expected, hosts.Find(url) is not null);
        Assert.Equal(expected, hosts.Problem(url) is null);
    }

    [Fact]
    public void A_refusal_says_how_to_allow_it() => Assert.Equal(
        "this server does not call hooks.example.org:8443: it has to be started with 'artel server start --webhook-host hooks.example.org:8443'",
        new WebhookHosts([]).Problem("https://hooks.example.org:8443/x"));

    [Theory]
    [InlineData("")]
    [InlineData("https://hooks.example.org")]
    [InlineData("hooks.example.org/x")]
    [InlineData("me@hooks.example.org")]
    [InlineData("hooks.example.org:")]
    [InlineData("hooks.example.org:99999")]
    [InlineData("two words")]
    public void What_is_no_host_is_refused_with_what_would_be_right(string text)
    {
        Assert.Null(WebhookHosts.Parse(text, out var problem));
        Assert.Contains("write HOST or HOST:PORT", problem, StringComparison.Ordinal);
    }
}

using Artel.Cli.Access;

namespace Artel.Cli.Tests;

public sealed class ConfiguredAccessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artel-cli-test-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    private ArtelHome Home => new(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nothing_configured_is_no_cluster() => Assert.Null(Find());

    [Fact]
    public void The_flag_goes_before_the_variable_before_the_config_file_before_the_access_file()
    {
        File.WriteAllText(Home.AccessFile, SomeTickets.For("access:1") + "\n");
        Assert.Equal("access:1", Address());

        File.WriteAllText(Home.ConfigFile, $"token: {SomeTickets.For("config:1")}\n");
        Assert.Equal("config:1", Address());

        _variables["ARTEL_TOKEN"] = SomeTickets.For("variable:1");
        Assert.Equal("variable:1", Address());
        Assert.Equal("flag:1", Address(token: SomeTickets.For("flag:1")));
    }

    [Fact]
    public void A_server_overrides_the_addresses_of_a_token_from_the_same_place_or_a_later_one()
    {
        File.WriteAllText(Home.AccessFile, SomeTickets.For("access:1"));
        _variables["ARTEL_SERVER"] = "variable:2";

        Assert.Equal("variable:2", Address());
        Assert.Equal("flag:2", Address(server: "flag:2"));
    }

    [Fact]
    public void A_server_in_the_config_file_leaves_a_token_of_the_environment_alone()
    {
        File.WriteAllText(Home.ConfigFile, "server: config:2\n");
        _variables["ARTEL_TOKEN"] = SomeTickets.For("variable:1");

        Assert.Equal("variable:1", Address());
    }

    [Fact]
    public void A_server_without_a_token_is_not_allowed()
    {
        var failure = Assert.Throws<CommandFailure>(() => Find(server: "somewhere"));

        Assert.Equal(ExitStatus.NotAllowed, failure.Status);
        Assert.Contains("somewhere:7070", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host", "host:7070")]
    [InlineData("host:443", "host:443")]
    [InlineData("127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("https://host:80/", "host:80")]
    public void A_server_is_host_and_port(string text, string address) => Assert.Equal(address, ConfiguredAccess.CheckedAddress(text));

    [Theory]
    [InlineData("http://host")]
    [InlineData("host:x")]
    [InlineData("host/path")]
    [InlineData(":7070")]
    public void Anything_else_is_no_server(string text) =>
        Assert.Equal(ExitStatus.WrongUsage, Assert.Throws<CommandFailure>(() => ConfiguredAccess.CheckedAddress(text)).Status);

    [Theory]
    [InlineData("", null, null)]
    [InlineData("# nothing\n", null, null)]
    [InlineData("server: a:1\ntoken: t\n", "a:1", "t")]
    [InlineData("{ \"token\": \"t\" }", null, "t")]
    [InlineData("later: { deep: [1, 2] }\nserver: a\n", "a", null)]
    [InlineData("server:\n", null, null)]
    public void The_config_file_has_two_keys_and_room_for_more(string text, string? server, string? token) =>
        Assert.Equal(new ConfigFile(server, token), ConfigFile.Parse(text, "config.yaml"));

    [Theory]
    [InlineData("[a]", "config.yaml:1:1:")]
    [InlineData("server:\n  - a\n", "config.yaml:2:3:")]
    [InlineData("server: 'a\n", "config.yaml:")]
    [InlineData("just text", "config.yaml:1:1:")]
    public void A_mistake_in_the_config_file_is_told_with_its_place(string text, string place)
    {
        var failure = Assert.Throws<CommandFailure>(() => ConfigFile.Parse(text, "config.yaml"));

        Assert.StartsWith(place, failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.WrongUsage, failure.Status);
    }

    private string? Address(string? server = null, string? token = null) => Find(server, token)?.Access.Addresses[0];

    private ConfiguredAccess? Find(string? server = null, string? token = null) =>
        ConfiguredAccess.Find(server, token, _variables.GetValueOrDefault, Home);
}

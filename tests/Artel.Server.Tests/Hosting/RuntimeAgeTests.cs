using System.Globalization;
using System.Reflection;
using Artel.Server.Hosting;

namespace Artel.Server.Tests.Hosting;

/// <summary>The server says so where its .NET runtime is older than the one it was built with.</summary>
public sealed class RuntimeAgeTests
{
    [Theory]
    [InlineData("10.0.3", "10.0.2", true)]
    [InlineData("10.0.3", "9.0.11", true)]
    [InlineData("10.0.3", "10.0.3", false)]
    [InlineData("10.0.3", "10.0.4", false)]
    [InlineData("10.0.3", "11.0.0", false)]
    [InlineData("10.0.0-rc.1.25451.107", "10.0.0", false)]
    [InlineData("10.0.1-servicing.1", "10.0.0", true)]
    [InlineData("10.0.3", "10.0.3.1", false)]
    [InlineData("", "10.0.0", false)]
    [InlineData("unknown", "10.0.0", false)]
    public void Only_an_older_one_is_told(string builtWith, string runsOn, bool isTold) =>
        Assert.Equal(isTold, RuntimeAge.Compare(builtWith, Version.Parse(runsOn)) is not null);

    [Fact]
    public void Both_versions_and_what_to_do_are_in_one_line() => Assert.Equal(
        "the server runs on .NET 10.0.2, which is older than the 10.0.3 it was built with: update the .NET runtime of this machine",
        RuntimeAge.Compare("10.0.3", new Version(10, 0, 2)));

    [Fact]
    public void The_build_has_put_its_runtime_into_the_assembly()
    {
        var built = typeof(RuntimeAge).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RuntimeVersion").Value;

        Assert.StartsWith(Environment.Version.Major.ToString(CultureInfo.InvariantCulture) + ".", built, StringComparison.Ordinal);
    }
}

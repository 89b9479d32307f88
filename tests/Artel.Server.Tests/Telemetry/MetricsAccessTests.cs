using Artel.Server.Security;
using Artel.Server.Telemetry;
using Artel.Server.Tests.Storage;
using Microsoft.AspNetCore.Http;

namespace Artel.Server.Tests.Telemetry;

/// <summary>A connection that is open to this machine anyway needs no token; the others are tried end to end.</summary>
public sealed class MetricsAccessTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_connection_that_is_open_needs_no_token(bool isOpen)
    {
        using var folder = new TemporaryFolder();
        await using var store = await LiveStore.OpenAsync(folder["data"]);
        using var credentials = await CredentialStore.OpenAsync(store.Database, TimeProvider.System, TestContext.Current.CancellationToken);
        var access = new MetricsAccess(credentials, _ => isOpen);
        var context = new DefaultHttpContext();

        var answer = await access.InvokeAsync(new DefaultEndpointFilterInvocationContext(context), _ => ValueTask.FromResult<object?>("let in"));

        Assert.Equal(isOpen, answer is "let in");
    }
}

using Microsoft.AspNetCore.Http;

namespace Artel.Dashboard.Hosting;

/// <summary>Where the browser is that makes a request.</summary>
internal static class BrowserAddress
{
    /// <returns>Its IP address without the port; empty if the connection has none.</returns>
    public static string Of(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}

using Microsoft.AspNetCore.Http;

namespace Artel.Dashboard.Hosting;

/// <summary>The IP address of the browser that makes a request.</summary>
internal static class BrowserAddress
{
    /// <returns>Its IP address without the port; empty if the connection has none.</returns>
    public static string Of(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}

using Microsoft.AspNetCore.Http;

namespace Artel.Dashboard.Hosting;

/// <summary>Sends a browser that asks for a page without a session to the login, which sends it back.</summary>
public static class LoginRedirect
{
    /// <summary>False for everything that is not a page, such as a call of a script: that gets the status alone.</summary>
    public static bool IsFor(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<DashboardPage>() is not null && HttpMethods.IsGet(context.Request.Method)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    public static void Write(HttpContext context) =>
        context.Response.Redirect($"/login?to={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}");
}

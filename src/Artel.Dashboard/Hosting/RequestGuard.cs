using System.Net;
using Microsoft.AspNetCore.Http;

namespace Artel.Dashboard.Hosting;

/// <summary>
/// Refuses what a browser should not have sent: calls by a name that someone else made point here (DNS rebinding), and calls that pages of
/// other origins made. Says in every answer what a page may load: what comes from here, and no script within the page.
/// </summary>
internal sealed class RequestGuard(DashboardConnection connection)
{
    /// <summary>Styles within the page are allowed: the components set sizes and colours by them. Nothing comes from elsewhere, and scripts only as files.</summary>
    public const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>The script that answers a browser while the server is away.</summary>
    private const string AwayWorker = "/_content/Artel.Dashboard/away-worker.js";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not no-referrer: with that browsers say "null" for the origin of our own forms (Fetch, "append a request Origin header").
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";

        if (context.Request.Path == AwayWorker)
        {
            // It stands where static files do, and answers for all pages.
            headers["Service-Worker-Allowed"] = "/";
        }

        var host = context.Request.Host;
        if (!IsKnown(host.Host))
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest,
                $"the dashboard does not answer to the name '{host.Host}': use its address, or start the server with --dashboard-name");
            return;
        }

        if (!IsOwnOrigin(context.Request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "this was asked for by a page of another origin");
            return;
        }

        await next(context);
    }

    /// <summary>An address can not be made to point elsewhere; of names only those are known that nobody else has power over.</summary>
    private bool IsKnown(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _)
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || connection.Names.Contains(host, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Browsers say where a call comes from: with <c>Origin</c> for all but plain navigation (RFC 6454, section 7), and in <c>Sec-Fetch-Site</c>. The scheme
    /// is not compared: a proxy may have taken the TLS off, and no port speaks both.
    /// </summary>
    private static bool IsOwnOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0)
        {
            return Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
        }

        var isNavigation = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] != "websocket";
        return isNavigation || request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}

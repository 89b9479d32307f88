using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Artel.Dashboard.Hosting;

/// <summary>The cookie with the secret of a session: not for scripts, not for other sites, over TLS only where there is TLS.</summary>
internal static class SessionCookie
{
    public static string? Read(HttpContext context) => context.Request.Cookies[Name(context)];

    public static void Write(HttpContext context, string secret, DateTimeOffset expires) =>
        context.Response.Cookies.Append(Name(context), secret, Options(context, expires));

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(Name(context), Options(context, null));

    /// <summary>
    /// Browsers keep cookies by host whatever the port: two servers on one machine must not take each other's. With TLS the prefix makes browsers
    /// refuse the cookie from anyone but this host (RFC 6265bis, section 4.1.3.2).
    /// </summary>
    private static string Name(HttpContext context)
    {
        var port = (context.Request.Host.Port ?? context.Connection.LocalPort).ToString(CultureInfo.InvariantCulture);
        return context.Request.IsHttps ? $"__Host-artel-{port}" : $"artel-{port}";
    }

    private static CookieOptions Options(HttpContext context, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        Expires = expires,
    };
}

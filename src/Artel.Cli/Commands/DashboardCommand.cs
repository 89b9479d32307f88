using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Artel.Cli.Json;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel dashboard</c></summary>
internal static class DashboardCommand
{
    public static Command Create(Surroundings s)
    {
        var noOpen = new Option<bool>("--no-open") { Description = "Only print the link." };
        var json = Verb.Json();
        var command = new Verb(
            "dashboard",
            "Print a link to the dashboard, and open it in the browser where there is one. It logs in whoever opens it first,\n"
            + "as you, once and within five minutes. The session lasts seven days at most, and ends with your token.")
        {
            Examples = ["artel dashboard", "artel dashboard --no-open    # there, when you came with: ssh -L 7071:127.0.0.1:7071 HOST"],
        };
        command.Add(noOpen);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var link = await session.Client.CreateLoginLinkAsync(new CreateLoginLinkRequest(), session.Question(ct));
            var url = $"{Site(session.Address, link)}/login#code={link.Code}";
            s.Terminal.Print(parsed.GetValue(json)
                ? ArtelJson.Write(new DashboardJson(url, link.Expires.ToDateTimeOffset()), j => j.DashboardJson, indented: false)
                : url);
            if (url.StartsWith("https:", StringComparison.Ordinal))
                s.Terminal.Note("The browser will ask about the server's certificate, which it made itself.");

            if (!parsed.GetValue(noOpen) && !parsed.GetValue(json) && s.Terminal.OutputIsTerminal)
                Open(url, s.Variable);

            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>Without TLS on the server's own machine, else where this call was answered.</summary>
    internal static string Site(string address, LoginLink link) =>
        link.LoopbackUrl.Length > 0 && IPEndPoint.TryParse(address, out var at) && IPAddress.IsLoopback(at.Address) ? link.LoopbackUrl : $"https://{address}";

    /// <summary>
    /// In the user's browser, which is given the link on its command line: who else is on the machine may see it there, and is too late, since the
    /// browser has used it. Where there is none the link is printed already, and nothing more is said.
    /// </summary>
    private static void Open(string url, Func<string, string?> variable)
    {
        var (program, arguments) = OperatingSystem.IsWindows() ? ("rundll32", (string[])["url.dll,FileProtocolHandler", url])
            : OperatingSystem.IsMacOS() ? ("open", [url])
            : ("xdg-open", [url]);
        if (OperatingSystem.IsLinux() && string.IsNullOrEmpty(variable("DISPLAY")) && string.IsNullOrEmpty(variable("WAYLAND_DISPLAY")))
            return;

        try
        {
            using var browser = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (Win32Exception)
        {
            // Not on this machine.
        }
    }
}

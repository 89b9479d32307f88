using System.Text.Json;
using Artel.Protocol.Client;

namespace Artel.Server.Hosting;

/// <summary>For people, on standard output: where it listens and what to do next.</summary>
internal sealed class GreetingForPeople(ServerOptions options) : IServerGreeting
{
    public void Ready(ServerLife life, CertificatePin pin, string accessFile) => Console.Out.WriteLine(
        $"""
        Artel {ServerVersion.Text} listens on {life.Listening} ({pin}){Classic(life)}
          data         {Path.GetFullPath(options.DataDirectory)}
          access file  {accessFile}{Dashboard(life)}
          add a node   artel token create --role node     here: prints a token; then on the node's machine:
                       artel node start --id 1 --join -     reads the token
        Ctrl-C stops it; nothing is lost.
        """);

    private string Dashboard(ServerLife life) =>
        life.DashboardUrl.Length > 0 ? $"\n  dashboard    {life.DashboardUrl}    'artel dashboard' logs you in"
        : options.Dashboard.IsOn ? $"\n  dashboard    https://{life.Listening}; {options.Dashboard.Address} is in use by another program"
        : "";

    private static string Classic(ServerLife life) =>
        life.ListeningClassic.Length > 0 ? $"\n  classic      nodes connect to {life.ListeningClassic}, {(life.ListeningClassic.StartsWith("unix:", StringComparison.Ordinal) ? "as this account" : "plain TCP without authentication")}" : "";
}

/// <summary>For programs: one line of JSON on standard output.</summary>
internal sealed class GreetingForPrograms(ServerOptions options) : IServerGreeting
{
    public void Ready(ServerLife life, CertificatePin pin, string accessFile) => Console.Out.WriteLine(JsonSerializer.Serialize(new
    {
        listening = life.Listening,
        classic = life.ListeningClassic.Length > 0 ? life.ListeningClassic : null,
        dashboard = life.DashboardUrl.Length > 0 ? life.DashboardUrl : null,
        pin = pin.ToString(),
        access_file = accessFile,
        data = Path.GetFullPath(options.DataDirectory),
    }));
}

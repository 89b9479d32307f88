using System.Text.Json;
using Artel.Protocol.Client;

namespace Artel.Server.Hosting;

/// <summary>For people, on standard output: where it listens and what to do next.</summary>
internal sealed class GreetingForPeople(ServerOptions options) : IServerGreeting
{
    public void Ready(string listening, CertificatePin pin, string accessFile) => Console.Out.WriteLine(
        $"""
        Artel {ServerVersion.Text} listens on {listening} ({pin})
          data         {Path.GetFullPath(options.DataDirectory)}
          access file  {accessFile}
          add a node   artel token create --role node     here, then on the node's machine:
                       artel node start --id 1 --join TOKEN
        Ctrl-C stops it; nothing is lost.
        """);
}

/// <summary>For programs: one line of JSON on standard output.</summary>
internal sealed class GreetingForPrograms(ServerOptions options) : IServerGreeting
{
    public void Ready(string listening, CertificatePin pin, string accessFile) => Console.Out.WriteLine(JsonSerializer.Serialize(new
    {
        listening,
        pin = pin.ToString(),
        access_file = accessFile,
        data = Path.GetFullPath(options.DataDirectory),
    }));
}

namespace Artel.Server.Hosting;

/// <summary>How the log looks: lines for people, or an object of JSON a line, with fields that a node's log has too.</summary>
internal static class ServerLog
{
    public static ILoggingBuilder AddServerLog(this ILoggingBuilder logging, bool json) => json
        ? logging.AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        })
        : logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
        });
}

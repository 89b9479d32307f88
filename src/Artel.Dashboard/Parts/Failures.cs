using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Artel.Dashboard.Parts;

/// <summary>Logs exceptions of pages with their stack, under a mark that the page shows.</summary>
internal static partial class Failures
{
    private const int PartFailed = 200;

    /// <returns>The mark.</returns>
    public static string Report(ILogger log, string part, Exception failure)
    {
        var mark = RandomNumberGenerator.GetInt32(0x1000_0000).ToString("x7", CultureInfo.InvariantCulture);
        LogFailure(log, failure, part, mark);
        return mark;
    }

    [LoggerMessage(PartFailed, LogLevel.Error, "Dashboard: '{Part}' could not be shown ({Mark}), because of a bug")]
    private static partial void LogFailure(ILogger log, Exception failure, string part, string mark);
}

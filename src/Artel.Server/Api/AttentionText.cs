using System.Globalization;
using Artel.Core;
using Artel.Protocol.Text;
using Artel.Server.Wire;

namespace Artel.Server.Api;

/// <summary>What somebody has to see to before a job goes on.</summary>
internal static class AttentionText
{
    private const int Most = 8;

    /// <summary>Sentences; none if nothing is in the way of the job, or if there is no such unfinished job.</summary>
    public static IReadOnlyList<string> Of(ClusterState state, JobId job, DateTimeOffset now)
    {
        var reasons = state.Explain(job, now, ExplainBudget.ForAttention())?.Reasons ?? [];
        var sentences = reasons.Where(r => r.Why.IsObstacle)
            .Select(r => ReasonText.Attention(ReasonWriter.Write(r, job), Moment));
        return [.. sentences.Distinct().Take(Most)];
    }

    /// <summary>Writes a time in UTC: the server does not know the reader's time zone.</summary>
    public static string Moment(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{time:u}");
}

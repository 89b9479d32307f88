using Artel.Protocol.V1;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for when a job runs, what it waits for, and for tags.</summary>
internal static class TermRules
{
    public static void Check(JobSpec job, SpecMistakes mistakes)
    {
        var isStartRight = CheckMoment(job.StartAt, "start_at", mistakes);
        if (CheckMoment(job.Deadline, "deadline", mistakes) && isStartRight && job is { StartAt: { } start, Deadline: { } deadline } && deadline <= start)
            mistakes.Add(Of("deadline"), "the deadline is not after start_at", "a later deadline, or an earlier start");

        if (job.HasMaxFails && job.MaxFails < 0)
            mistakes.Add(Of("max_fails"), "max_fails is negative", "a whole number from 0: when more tasks than that have failed, the others are cancelled");

        CheckTags(job.Tags, Of("tags"), mistakes);
        CheckLimits(job.Limits, mistakes);
        if (job.After.Count > JobLimits.MaxJobDependencies)
            mistakes.Add(Of("after"), $"after names more than {IndexSets.Plain(JobLimits.MaxJobDependencies)} jobs", "wait for fewer");

        for (var i = 0; i < job.After.Count && !mistakes.IsFull; i++)
        {
            if (job.After[i].Job < 1 || job.After[i].Task < 0)
                mistakes.Add(Of("after") with { Item = i }, "after names no job", "a job (12) or a task of it (12.3)");
        }
    }

    public static void CheckTags(RepeatedField<string> tags, SpecPlace place, SpecMistakes mistakes)
    {
        if (tags.Count > JobLimits.MaxTags)
        {
            mistakes.Add(place, $"{tags.Count} tags are too many", $"at most {JobLimits.MaxTags}");
            return;
        }

        if (tags.Count == 0)
            return;

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tags.Count && !mistakes.IsFull; i++)
        {
            if (TagNames.Problem(tags[i]) is { } problem)
                mistakes.Add(place with { Item = i }, $"the tag '{Quote.Shorten(tags[i])}' {problem}");
            else if (!seen.Add(tags[i]))
                mistakes.Add(place with { Item = i }, $"the tag '{tags[i]}' is given twice", "once is enough");
        }
    }

    private static void CheckLimits(MapField<string, int> limits, SpecMistakes mistakes)
    {
        if (limits.Count > JobLimits.MaxTagLimits)
            mistakes.Add(Of("limits"), $"{limits.Count} limits are too many", $"at most {JobLimits.MaxTagLimits}");

        foreach (var (tag, most) in limits)
        {
            if (TagNames.Problem(tag) is { } problem)
                mistakes.Add(Of("limits") with { Key = tag }, $"the tag '{Quote.Shorten(tag)}' {problem}");
            else if (most < 0)
                mistakes.Add(Of("limits") with { Key = tag }, $"the limit of {tag} is negative", "a whole number from 0");
        }
    }

    private static bool CheckMoment(Timestamp? moment, string field, SpecMistakes mistakes)
    {
        if (moment is null)
            return false;

        if (Moments.IsValid(moment))
            return true;

        mistakes.Add(Of(field), $"{field} is no time", "a time from 1970 to 9999");
        return false;
    }

    private static SpecPlace Of(string field) => new(null, null, field);
}

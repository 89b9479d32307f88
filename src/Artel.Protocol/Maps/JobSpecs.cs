using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>What holds for every job, whether it came as a map, from the command line or over the wire.</summary>
public static class JobSpecs
{
    /// <summary>Which task number means what.</summary>
    /// <param name="job">One in which <see cref="ValidateSpec"/> finds no mistakes.</param>
    public static JobLayout Layout(JobSpec job) => JobLayout.Of(job);

    /// <summary>
    /// Everything that is wrong in a job, at most <see cref="MaxMistakes"/>. Its cost is bounded by the size of the message: an
    /// array is never written out.
    /// </summary>
    public static IReadOnlyList<SpecMistake> ValidateSpec(JobSpec job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var mistakes = new SpecMistakes();
        if (SubmissionLimits.Problem(SubmissionSize.Of(job)) is { } refusal)
        {
            // Nothing else is looked at: that is what the limit is for.
            mistakes.Add(default, refusal.Problem, refusal.Remedy);
            return mistakes.Found;
        }

        OrderRules.Check(job, JobRules.Check(job, mistakes), mistakes);
        return mistakes.Found;
    }

    /// <summary>More than so many are not of use to anyone.</summary>
    public const int MaxMistakes = 1000;
}

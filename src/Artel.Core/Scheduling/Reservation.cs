namespace Artel.Core;

/// <summary>A node that is kept for a class.</summary>
/// <param name="first">The template of the task that waits.</param>
internal sealed class Reservation(Template first)
{
    /// <summary>
    /// Tasks of users with less that may start on the node in spite of the reservation. With it a user who has little
    /// is served at once, and many such users cannot hold off the large task for ever.
    /// </summary>
    public const int MostPassed = 64;

    /// <summary>The job of the task that waited when the node was chosen.</summary>
    public JobId Job { get; } = first.Job.Id;

    public ClassKey Class { get; } = ClassKey.Of(first);

    public UserLoad User { get; } = first.Job.User;

    /// <summary>The resources of one of its tasks.</summary>
    public Needs Needs { get; } = first.Spec.Needs;

    /// <summary>When it could start at the earliest; null if that is not known.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>Tasks of other users that have started there since, because they have less.</summary>
    public int Passed { get; set; }

    /// <summary>True if the node is kept from tasks of the template too.</summary>
    public bool GoesBefore(Template template)
    {
        var (priority, user) = (template.Job.Priority, template.Job.User);
        if (Class.Priority != priority)
        {
            return Class.Priority > priority;
        }

        if (ClassKey.Of(template) == Class)
        {
            return false;
        }

        return Passed >= MostPassed
            || (user == User ? Job.CompareTo(template.Job.Id) < 0 : User.Millionths <= user.Millionths);
    }

    /// <summary>True if this takes the place of another, if there are as many as there may be.</summary>
    public bool Replaces(Reservation other) =>
        Class.Priority > other.Class.Priority
        || (Class.Priority == other.Class.Priority && User.Millionths < other.User.Millionths && other.Passed < MostPassed);
}

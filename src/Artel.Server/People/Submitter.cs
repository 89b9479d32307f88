using Artel.Protocol.V1;
using Artel.Server.Security;

namespace Artel.Server.People;

/// <summary>How a job comes to be submitted.</summary>
internal enum SubmittedBy
{
    /// <summary>By a call of its owner.</summary>
    Person,

    /// <summary>By a schedule of its owner.</summary>
    Schedule,

    /// <summary>By the end of another job of its owner.</summary>
    End,
}

/// <summary>Whose a new job is, and by what right it is submitted.</summary>
/// <param name="IsAdmin">Whether priorities have no cap and limits of the cluster may be changed.</param>
internal sealed record Submitter(string User, bool IsAdmin, SubmittedBy By)
{
    public static Submitter Of(Principal caller) => new(caller.Name, caller.Role == Role.Admin, SubmittedBy.Person);

    /// <summary>Who has left a job to be submitted later: with the right they had then, whoever makes it happen now.</summary>
    public static Submitter Of(Submission left, SubmittedBy by) => new(left.User, left.FromAdmin, by);
}

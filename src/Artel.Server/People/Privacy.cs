namespace Artel.Server.People;

/// <summary>What people see of jobs that are not theirs. Numbers as in the protocol.</summary>
internal enum Privacy
{
    /// <summary>Names, states and numbers.</summary>
    Own = 1,

    /// <summary>All but what may be secret.</summary>
    All = 2,
}

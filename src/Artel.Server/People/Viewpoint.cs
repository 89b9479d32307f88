using Artel.Server.Security;

namespace Artel.Server.People;

/// <summary>
/// Who asks, and with that what an answer may show. Readers of jobs take a viewpoint, and what writes the inside of a job into an answer takes the
/// <see cref="Sight"/> of that job, which only a viewpoint makes: an answer cannot be put together without saying for whom.
/// </summary>
internal sealed class Viewpoint(Principal caller, Privacy privacy)
{
    public Principal Caller => caller;

    /// <param name="owner">Of the job.</param>
    /// <param name="isSecret">What it runs may be secret: it is the command on the end of another job.</param>
    public Sight Of(string owner, bool isSecret = false)
    {
        var owns = Ownership.Covers(caller, owner);
        return new Sight(owner, owns || (privacy == Privacy.All && !isSecret), owns);
    }
}

/// <summary>What somebody sees of one job. Names, states and numbers are seen by all.</summary>
internal sealed class Sight
{
    internal Sight(string owner, bool showsInside, bool showsSecrets) => (Owner, ShowsInside, ShowsSecrets) = (owner, showsInside, showsSecrets);

    public string Owner { get; }

    /// <summary>Arguments, paths, output, files, and messages that may quote any of them.</summary>
    public bool ShowsInside { get; }

    /// <summary>Values of the environment, standard input, and what follows the end.</summary>
    public bool ShowsSecrets { get; }
}

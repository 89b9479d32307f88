using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>
/// Keeps a filter from acting on the jobs of others unnoticed. An admin is told whose they are and asked; of a user they are left out, since the
/// cluster would refuse them one by one.
/// </summary>
internal static class OthersJobs
{
    private const int MostNames = 5;

    /// <summary>The jobs to act on.</summary>
    /// <param name="isSure">The user has said yes already.</param>
    /// <exception cref="CommandFailure">There are none, or nobody has said yes.</exception>
    public static async Task<IReadOnlyList<Job>> SettleAsync(IReadOnlyList<Job> jobs, bool isSure, ClusterSession session, Surroundings s, CancellationToken ct)
    {
        var me = await session.Client.GetStatusAsync(new GetStatusRequest(), session.Question(ct));
        var own = jobs.Where(j => j.User == me.User).ToList();
        var others = jobs.Count - own.Count;
        if (others == 0)
            return jobs;

        var whose = $"{(others == jobs.Count ? $"{(others == 1 ? "this job belongs" : $"these {Words.Count(others)} jobs belong")}" : $"{Words.Count(others)} of these {Words.Count(jobs.Count, "job", "jobs")} {(others == 1 ? "belongs" : "belong")}")} to {Names(jobs, me.User)}";
        if (me.Role != Role.Admin)
        {
            if (own.Count == 0)
                throw new CommandFailure(ExitStatus.NotAllowed, $"{whose}: only they or an admin can do this");

            s.Terminal.Note($"Left out: {whose}.");
            return own;
        }

        if (isSure)
            return jobs;

        return Confirmation.Ask(s.Terminal, $"{char.ToUpperInvariant(whose[0])}{whose[1..]}. Go on?") switch
        {
            true => jobs,
            false => throw new CommandFailure(ExitStatus.WrongUsage, "nothing was done"),
            null => throw CommandFailure.WrongUsage($"{whose}: add --yes to do it"),
        };
    }

    private static string Names(IReadOnlyList<Job> jobs, string me)
    {
        var names = jobs.Select(j => j.User).Where(u => u != me).Distinct().Order(StringComparer.Ordinal).ToList();
        var more = names.Count - MostNames;
        var shown = more > 0 ? [.. names.Take(MostNames), Words.Count(more, "other", "others")] : names;
        return shown.Count == 1 ? shown[0] : $"{string.Join(", ", shown.SkipLast(1))} and {shown[^1]}";
    }
}

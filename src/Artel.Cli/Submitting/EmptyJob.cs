namespace Artel.Cli.Submitting;

/// <summary>A job whose lists are empty.</summary>
internal static class EmptyJob
{
    public static string Said(long job) => FormattableString.Invariant(
        $"Job {job} has no tasks, since its list is empty: there is nothing to do, and it succeeds.");
}

using System.Reflection;

namespace Artel.Server.Hosting;

/// <summary>Whether the .NET runtime is older than the one that the server was built with: then it lacks what was repaired since, security holes among it.</summary>
internal static class RuntimeAge
{
    /// <summary>The metadata of the assembly that the build puts this into.</summary>
    private const string Key = "RuntimeVersion";

    /// <summary>What an operator should know; null: it is not older.</summary>
    public static string? Problem { get; } = Compare(BuiltWith, Environment.Version);

    private static string BuiltWith =>
        typeof(RuntimeAge).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == Key)?.Value ?? "";

    /// <param name="builtWith">As the SDK says it: <c>10.0.1</c>, <c>10.0.0-rc.1.25451.107</c>.</param>
    /// <param name="runsOn">What it runs on.</param>
    /// <returns>Null where it is not older, or where nobody knows what it was built with.</returns>
    public static string? Compare(string builtWith, Version runsOn)
    {
        var release = builtWith.Split('-', '+')[0];
        return Version.TryParse(release, out var built) && Whole(runsOn) < Whole(built)
            ? $"the server runs on .NET {runsOn.ToString(3)}, which is older than the {release} it was built with: update the .NET runtime of this machine"
            : null;
    }

    private static Version Whole(Version version) => new(version.Major, version.Minor, Math.Max(0, version.Build));
}

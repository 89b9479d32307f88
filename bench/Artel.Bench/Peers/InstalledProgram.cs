using System.Diagnostics;
using Artel.Bench.Cluster;
using Artel.Testing;

namespace Artel.Bench.Peers;

/// <summary>Programs of the system: whether they are there, and running them to their end.</summary>
internal static class InstalledProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // Daemons are where the search path of people does not always lead.
    private static readonly string[] Folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>What is lacking, in words; null: all of them are there.</summary>
    public static string? Lacking(params string[] programs)
    {
        var lacking = programs.Where(p => Find(p) is null).ToArray();
        return lacking.Length == 0 ? null : $"not installed ({string.Join(", ", lacking)}): --install-peers";
    }

    public static string? Find(string program) => Folders.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs one that is there; it must succeed.</summary>
    public static async Task<(TimeSpan Took, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var watch = Stopwatch.StartNew();
        await using var running = RunningProgram.Start(Find(program)!, arguments, environment: environment, input: input);
        var ended = await running.EndAsync(Patience);
        var took = watch.Elapsed;
        return ended.Status == 0 ? (took, ended.Output) : throw new BenchException($"{program} {string.Join(' ', arguments)}: {ended}");
    }

    /// <summary>Lines from 1, what <c>seq</c> writes.</summary>
    public static string Numbers(int count) => string.Concat(Enumerable.Range(1, count).Select(n => $"{n}\n"));
}

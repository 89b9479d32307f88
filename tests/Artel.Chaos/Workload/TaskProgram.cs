using System.Globalization;

namespace Artel.Chaos.Workload;

/// <summary>The command line of the tasks.</summary>
/// <param name="runs">Where they write what ran.</param>
internal sealed class TaskProgram(string runs)
{
    public const int MilliCpus = 500;

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Workload", "task.sh");

    public string[] Arguments(Work work) =>
    [
        "bash", Script, runs, (work.Milliseconds / 1000.0).ToString(CultureInfo.InvariantCulture),
        work.Bytes.ToString(CultureInfo.InvariantCulture), work.FailsBefore.ToString(CultureInfo.InvariantCulture),
    ];
}

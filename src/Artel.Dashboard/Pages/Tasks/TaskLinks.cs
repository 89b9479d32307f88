using System.Globalization;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Tasks;

/// <summary>Addresses of a task.</summary>
internal static class TaskLinks
{
    public static string Page(long job, int task) => string.Create(CultureInfo.InvariantCulture, $"/jobs/{job}/tasks/{task}");

    /// <summary>One stream of an attempt as a file.</summary>
    public static string Output(long job, int task, int attempt, V1.Stream stream) =>
        string.Create(CultureInfo.InvariantCulture, $"{Page(job, task)}/output?attempt={attempt}&stream={WordOf(stream)}");

    public static string WordOf(V1.Stream stream) => stream == V1.Stream.Stderr ? "stderr" : "stdout";
}

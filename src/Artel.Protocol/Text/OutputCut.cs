using System.Diagnostics.CodeAnalysis;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>Output of which only the beginning is kept.</summary>
public static class OutputCut
{
    /// <summary>True if the process wrote more than is kept.</summary>
    public static bool IsCut([NotNullWhen(true)] OutputInfo? info) => info is not null && info.Written > info.Length;

    /// <summary><c>64 MiB kept of 1 GiB</c></summary>
    public static string Describe(OutputInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return $"{Words.Size(info.Length)} kept of {Words.Size(info.Written)}";
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Artel.Node.Machine;

/// <summary>
/// The gpus of this machine that tasks can be given: those of NVIDIA, or where there are none those of AMD that ROCm can use. What hides them
/// from the agent hides them from its tasks.
/// </summary>
internal static class GpuDevices
{
    /// <summary>Of each its index, or where the environment of the agent names them otherwise that name.</summary>
    /// <param name="root">Of the file system.</param>
    /// <param name="variable">The value of a variable of the environment.</param>
    /// <param name="toolPatience">How long to wait for a tool: a driver that has lost its gpu may never answer.</param>
    public static IReadOnlyList<string> Find(string root, Func<string, string?> variable, TimeSpan toolPatience)
    {
        var nvidia = SystemFile.Names(root, "dev").Count(name => IsNumbered(name, "nvidia"));
        if (nvidia > 0)
            return Visible(CountByTool(variable("PATH"), toolPatience) ?? nvidia, variable("CUDA_VISIBLE_DEVICES"));

        return Visible(AmdGpus(root), variable("ROCR_VISIBLE_DEVICES"));
    }

    /// <summary>
    /// The list of the variable up to its first entry that names no gpu, as the drivers read it: indices, or names such as
    /// <c>GPU-8932f937-d72c-4106-c12f-20bd9faed9f6</c>, or <c>MIG-…</c> of a part of one.
    /// </summary>
    private static IReadOnlyList<string> Visible(int count, string? list)
    {
        var all = Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture));
        return count == 0 ? [] : list is null
            ? [.. all]
            : [.. list.Split(',', StringSplitOptions.TrimEntries).TakeWhile(e => all.Contains(e) || IsName(e)).Distinct()];
    }

    private static bool IsName(string entry) => entry.StartsWith("GPU-", StringComparison.Ordinal) || entry.StartsWith("MIG-", StringComparison.Ordinal);

    /// <summary>Those that the kernel's compute driver has, and whose device files are here too: in a container /sys shows all of the machine's.</summary>
    private static int AmdGpus(string root)
    {
        const string nodes = "sys/class/kfd/kfd/topology/nodes";
        if (!SystemFile.Exists(root, "dev/kfd"))
            return 0;

        return SystemFile.Names(root, nodes).Count(node =>
        {
            // Cpus are nodes too, without these units.
            var properties = SystemFile.Lines(root, $"{nodes}/{node}/properties").Select(l => l.Split(' ')).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1]);
            return SystemFile.Number(properties["simd_count"].FirstOrDefault()) > 0
                && SystemFile.Exists(root, $"dev/dri/renderD{properties["drm_render_minor"].FirstOrDefault()}");
        });
    }

    private static bool IsNumbered(string name, string stem) =>
        name.Length > stem.Length && name.StartsWith(stem, StringComparison.Ordinal) && name.AsSpan(stem.Length).IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>
    /// What <c>nvidia-smi -L</c> lists, a line each: <c>GPU 0: NVIDIA A100 (UUID: GPU-…)</c>. It leaves out what the driver can not use. Null where
    /// it is not there, fails, or does not answer.
    /// </summary>
    private static int? CountByTool(string? path, TimeSpan patience)
    {
        const string tool = "nvidia-smi";
        var file = (path ?? "").Split(':').Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
        if (file is null)
            return null;

        try
        {
            // Read when it has ended: a pipe holds more than it writes.
            using var process = Process.Start(new ProcessStartInfo(file, "-L") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            var count = process.StandardOutput.ReadToEnd().Split('\n').Count(l => l.StartsWith("GPU ", StringComparison.Ordinal));
            return process.ExitCode == 0 && count > 0 ? count : null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }
}

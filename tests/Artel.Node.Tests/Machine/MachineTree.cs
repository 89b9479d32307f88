using System.Runtime.Versioning;

namespace Artel.Node.Tests.Machine;

/// <summary>A folder that stands for the root of a machine's file system.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MachineTree : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];

    public MachineTree() => Has("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:        1234 kB\n");

    public string Path => _folder.Path;

    public MachineTree Has(string file, string text = "", bool executable = false)
    {
        _folder.Folder(System.IO.Path.GetDirectoryName(file)!);
        _folder.File(file, text, executable);
        return this;
    }

    /// <summary>Cgroups of this process, and where they are mounted.</summary>
    public MachineTree HasCgroups(string cgroup, params string[] mounts) =>
        Has("proc/self/cgroup", cgroup).Has("proc/self/mountinfo", string.Join('\n', mounts) + "\n");

    public MachineTree Says(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    public MachineResources Detect() => MachineResources.Detect(Path, _variables.GetValueOrDefault, TimeSpan.FromSeconds(2));

    public void Dispose() => _folder.Dispose();
}

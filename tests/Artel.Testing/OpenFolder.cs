namespace Artel.Testing;

/// <summary>A fresh folder that other accounts can pass through (0711), removed afterwards.</summary>
public sealed class OpenFolder : IDisposable
{
    public OpenFolder(UnixFileMode more = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | more);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("artel-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

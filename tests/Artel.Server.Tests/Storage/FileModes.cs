namespace Artel.Server.Tests.Storage;

/// <summary>Who may open a file, as <c>ls</c> and <c>chmod</c> people write it. Windows has no modes: a test that asks is skipped there.</summary>
internal static class FileModes
{
    /// <summary>Such as "600".</summary>
    public static string Of(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return Convert.ToString((int)File.GetUnixFileMode(path), 8);
        }

        Assert.Skip("Windows has no file modes");
        return "";
    }

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
            return;
        }

        Assert.Skip("Windows has no file modes");
    }
}

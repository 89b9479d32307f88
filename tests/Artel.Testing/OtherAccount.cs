using System.Globalization;

namespace Artel.Testing;

/// <summary>
/// An account of this machine without rights, as which a test of root runs something. Every system has it.
/// </summary>
public static class OtherAccount
{
    public const string Name = "nobody";

    /// <summary>A second one, for tests with two.</summary>
    public const string Second = "daemon";

    /// <summary>Ends the test unless it is run by root.</summary>
    public static void Require() =>
        SystemRights.Require(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? null : "this user is not root", "other accounts cannot be used");

    /// <summary>Its user id.</summary>
    public static string IdOf(string name) => Field(name, 2);

    /// <summary>Its home folder.</summary>
    public static string HomeOf(string name) => Field(name, 5);

    /// <summary>Starts a shell command as the account.</summary>
    public static RunningProgram Start(string name, string script) => RunningProgram.Start(
        "setpriv",
        [
            "--reuid", IdOf(name), "--regid", Field(name, 3).ToString(CultureInfo.InvariantCulture), "--clear-groups", "--", "sh", "-c", script,
        ],
        folder: "/");

    private static string Field(string name, int field) =>
        File.ReadLines("/etc/passwd").Select(l => l.Split(':')).First(l => l[0] == name)[field];
}

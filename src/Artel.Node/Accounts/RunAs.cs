using System.Runtime.Versioning;

namespace Artel.Node.Accounts;

/// <summary>
/// As which accounts the tasks of a node run. The choice is the node's alone: what the server sends can select a line
/// of the node's own file, never name an account. Any thread.
/// </summary>
public abstract class RunAs
{
    /// <summary>The word on the command line for <see cref="Submitters"/>.</summary>
    public const string Submitter = "submitter";

    private RunAs()
    {
    }

    /// <summary>
    /// How the node describes it to the server and to people: an account's name, or <see cref="Submitter"/>.
    /// </summary>
    public abstract string Word { get; }

    /// <summary>Every task runs as this account.</summary>
    /// <param name="account">The name of an account, which must not be root.</param>
    /// <param name="error">Why it cannot be used; empty on success.</param>
    public static RunAs? Of(string account, out string error)
    {
        if (!IsPossible(out error) || !OperatingSystem.IsLinux() || Account.Find(account, out error) is not { } found)
            return null;

        if (found.IsRoot)
        {
            error = $"tasks that run as '{account}' could do everything that the node agent can: name an account without rights";
            return null;
        }

        return new OneAccount(account);
    }

    /// <summary>Each task runs as the account that a file of this node lists for the user who submitted it.</summary>
    /// <param name="file">See <see cref="AccountsFile"/>.</param>
    /// <param name="error">Why it cannot be used; empty on success.</param>
    public static RunAs? Submitters(string file, out string error)
    {
        if (!IsPossible(out error) || !OperatingSystem.IsLinux())
            return null;

        var accounts = new AccountsFile(file);
        error = accounts.Check() ?? "";
        return error.Length == 0 ? new ListedAccounts(accounts) : null;
    }

    /// <summary>
    /// The account for a task of this user. Null if there is none; then <paramref name="error"/> tells people why.
    /// </summary>
    [SupportedOSPlatform("linux")]
    internal abstract Account? AccountFor(string user, out string error);

    private static bool IsPossible(out string error)
    {
        error = !OperatingSystem.IsLinux() || !Processes.Guardian.IsSupported
            ? "this system cannot run tasks as other accounts: that takes Linux 5.3 or later on x64 or arm64"
            : AccountCalls.geteuid() != 0 ? "tasks can run as another account only if the node agent is started by root"
            : "";
        return error.Length == 0;
    }

    private sealed class OneAccount(string name) : RunAs
    {
        public override string Word => name;

        /// <remarks>
        /// Looked up each time: groups that it was added to count from the next task on, and a removed account runs
        /// nothing.
        /// </remarks>
        [SupportedOSPlatform("linux")]
        internal override Account? AccountFor(string user, out string error)
        {
            var account = Account.Find(name, out error);
            if (account is not { IsRoot: true })
                return account;

            error = $"account '{name}' has become root";
            return null;
        }
    }

    private sealed class ListedAccounts(AccountsFile file) : RunAs
    {
        public override string Word => Submitter;

        [SupportedOSPlatform("linux")]
        internal override Account? AccountFor(string user, out string error)
        {
            var name = file.NameFor(user, out error);
            return name is null ? null : Account.Find(name, out error);
        }
    }
}

using System.Runtime.Versioning;
using System.Text;
using Artel.Protocol.Files;

namespace Artel.Node.Accounts;

/// <summary>
/// The file that says as which account of this node the tasks of a user run: one line <c>USER = ACCOUNT</c> each; a
/// line that begins with <c>#</c> is a comment. Who is not listed runs nothing here. It must belong to root, and
/// neither it nor a folder above it may be writable by others, since whoever can write it can run programs as anyone.
/// Read again when it changes. Any thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class AccountsFile(string path)
{
    private const int MostBytes = 4 << 20;

    private readonly Lock _gate = new();
    private FileStatus _read;
    private Dictionary<string, string> _accounts = [];
    private string? _problem;

    /// <summary>
    /// What is wrong with it now, or null. Unknown accounts are errors here: they are mistakes when the node is
    /// started.
    /// </summary>
    public string? Check()
    {
        lock (_gate)
        {
            Refresh();
            if (_problem is not null)
                return _problem;

            foreach (var (user, account) in _accounts)
            {
                if (Account.Find(account, out var error) is null)
                    return $"{path}: user '{user}': {error}";
            }

            return null;
        }
    }

    /// <summary>
    /// The name of the account for a user. Null if there is none; then <paramref name="error"/> tells people why.
    /// </summary>
    public string? NameFor(string user, out string error)
    {
        lock (_gate)
        {
            Refresh();
            if (_problem is not null)
            {
                error = $"this node cannot tell which account to use: {_problem}";
                return null;
            }

            error = _accounts.TryGetValue(user, out var account) ? ""
                : $"user '{user}' has no account on this node: its administrator lists users in the file given with --accounts";
            return account;
        }
    }

    private void Refresh()
    {
        var status = FileStatus.Of(path, followLinks: true);
        if (status is { } seen && seen == _read)
            return;

        _read = status ?? default;
        _accounts = [];
        _problem = status is null ? $"{path} cannot be found" : Read();
    }

    private string? Read()
    {
        if (Trust.WhyNotRootsOnly(path) is { } distrust)
            return distrust;

        try
        {
            if (new FileInfo(path).Length > MostBytes)
                return $"{path} is longer than 4 MiB";

            return Parse(File.ReadAllText(path, Encoding.UTF8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private string? Parse(string text)
    {
        var accounts = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var written in text.Split('\n'))
        {
            number++;
            var line = written.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;

            // No account has '=' in its name, but a user may.
            var equals = line.LastIndexOf('=');
            var (user, account) = equals < 0 ? ("", "") : (line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart());
            if (user.Length == 0 || account.Length == 0)
                return $"{path}, line {number}: expected USER = ACCOUNT, found '{line}'";

            if (!accounts.TryAdd(user, account))
                return $"{path}, line {number}: user '{user}' is listed twice";
        }

        _accounts = accounts;
        return null;
    }
}

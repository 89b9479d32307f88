namespace Artel.Cli.Access;

/// <summary>The folder of a user's Artel: <c>ARTEL_HOME</c>, or <c>~/.artel</c>.</summary>
internal sealed record ArtelHome(string Folder)
{
    /// <summary>Settings that the user writes.</summary>
    public string ConfigFile => Path.Combine(Folder, "config.yaml");

    /// <summary>The admin's ticket of the server that runs on this machine, written by it.</summary>
    public string AccessFile => Path.Combine(Folder, "access");

    /// <summary>Changes of servers' keys that this user's commands have learned of.</summary>
    public string KeysFile => Path.Combine(Folder, "server-keys");

    /// <summary>Where this user's commands have found servers whose tokens name several addresses.</summary>
    public string AddressesFile => Path.Combine(Folder, "server-addresses");

    public static ArtelHome Of(Func<string, string?> variable)
    {
        var folder = variable("ARTEL_HOME");
        return new ArtelHome(string.IsNullOrEmpty(folder)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".artel")
            : Path.GetFullPath(folder));
    }

    /// <summary>Where a node keeps its credential and spool unless it is told otherwise.</summary>
    public string NodeFolder(string id) => Path.Combine(Folder, $"node-{id}");
}

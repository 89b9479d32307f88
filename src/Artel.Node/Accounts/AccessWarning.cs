namespace Artel.Node.Accounts;

/// <summary>
/// The warning of an agent whose tasks could read the admin's token while other people hold tokens of their own: each
/// of them is then an admin in all but name.
/// </summary>
internal static class AccessWarning
{
    /// <summary>Called when the server says that there are several people.</summary>
    public static void Check(NodeAgentOptions options)
    {
        if (options.RunAs is null && options.AccessFile is { } file && CanRead(file))
            Log.TasksCanReadAccess(options.Log, file);
    }

    private static bool CanRead(string file)
    {
        try
        {
            using var opened = File.OpenRead(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Puts into one line, for the operator, why the data folder can not be worked with.</summary>
internal static class StoreFailure
{
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCanNotOpen = 14;
    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;
    private const int SqliteRange = 25;
    private const int SqliteNotADatabase = 26;

    // Room for the shared-memory index could not be had. SQLite says SQLITE_FULL for the other files, but this for that one.
    private const int SqliteIoErrorNoSharedMemory = SqliteIoError | (19 << 8);

    // errno, which .NET gives as HResult of an IOException on Unix; and the Windows codes of the same.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    /// <summary>True if what was to be written is at fault, and not the disk.</summary>
    public static bool IsOfData(SqliteException e) => e.SqliteErrorCode is SqliteTooBig or SqliteConstraint or SqliteMismatch or SqliteRange;

    public static StoreException Of(string folder, SqliteException e) => new(
        e.SqliteErrorCode switch
        {
            _ when e.SqliteExtendedErrorCode == SqliteIoErrorNoSharedMemory => DiskFull(folder),
            SqliteFull => DiskFull(folder),
            SqliteReadOnly => ReadOnly(folder),
            SqliteCanNotOpen => $"the data in {folder} can not be opened: {e.Message}",
            SqliteIoError => $"the data in {folder} can not be read or written (I/O error {e.SqliteExtendedErrorCode} of SQLite): check the disk and how it is mounted, then start artel-server again",
            SqliteCorrupt or SqliteNotADatabase => Damaged(folder, e.Message).Message,
            _ => $"the data in {folder} can not be changed: {e.Message}",
        },
        e);

    public static StoreException Of(string folder, Exception e) => e switch
    {
        StoreException known => known,
        SqliteException sqlite => Of(folder, sqlite),
        IOException io when IsDiskFull(io) => new StoreException(DiskFull(folder), io),
        IOException io when IsReadOnly(io) => new StoreException(ReadOnly(folder), io),
        UnauthorizedAccessException => new StoreException($"the data folder {folder} may not be read or written by this user: {e.Message}", e),
        _ => new StoreException($"the data in {folder} can not be read or written: {e.Message}", e),
    };

    /// <summary>The database is not what was written.</summary>
    public static StoreException Damaged(string folder, string what) => new($"the data in {folder} is damaged ({what}): restore artel.db from a copy");

    public static bool IsDiskFull(IOException e) => e.HResult is NoSpace or QuotaExceeded or WindowsDiskFull;

    public static bool IsReadOnly(IOException e) => e.HResult is ReadOnlyFileSystem or WindowsWriteProtected;

    private static string DiskFull(string folder) => $"the disk of {folder} is full: make room, then start artel-server again";

    private static string ReadOnly(string folder) => $"the data in {folder} is read-only: make it writable, then start artel-server again";
}

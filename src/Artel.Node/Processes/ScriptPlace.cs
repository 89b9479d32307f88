using System.Runtime.Versioning;
using Artel.Node.Accounts;
using Artel.Protocol.Files;
using Artel.Protocol.Text;
using Microsoft.Win32.SafeHandles;

namespace Artel.Node.Processes;

/// <summary>
/// A script as a file that its interpreter can open: the one that was submitted, if it is on this node as it was, so
/// that the script finds what lies beside it; else a copy of the same name in a folder of the task's own
/// (docs/adr/0017). Used as the account that runs it.
/// </summary>
/// <param name="Argument">Which argument names the script.</param>
/// <param name="Path">Where it was submitted.</param>
/// <param name="Content">All of it.</param>
/// <param name="Folder">Where the copy goes. It is removed when the task has ended.</param>
internal sealed record ScriptPlace(int Argument, string Path, ReadOnlyMemory<byte> Content, string Folder)
{
    private const int OthersMayWrite = 0x2;
    private const int GroupMayWrite = 0x10;
    private const int MostLinkBytes = 4096;

    /// <summary>The request with the path of the file among its arguments.</summary>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    public LaunchRequest PlaceIn(LaunchRequest request)
    {
        var arguments = request.Arguments.ToArray();
        arguments[Argument] = OperatingSystem.IsLinux() && IsOriginal() ? Path : Copy();
        return request with { Arguments = arguments, Script = null };
    }

    private string Copy()
    {
        OwnerOnly.CreateFolder(Folder);
        var file = System.IO.Path.Combine(Folder, RawText.Show(System.IO.Path.GetFileName(Path)));
        using (var made = OwnerOnly.CreateFile(file, FileShare.Read))
            RandomAccess.Write(made, Content.Span, 0);

        // A script may start itself again by its own name.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, OwnerOnly.FolderBits);

        return file;
    }

    /// <summary>
    /// True if the path is that of a file with this content, which nobody but this account and root can put another in
    /// the place of.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private bool IsOriginal()
    {
        if (!System.IO.Path.IsPathRooted(Path)
            || FileStatus.Of(Path, followLinks: true) is not { IsRegular: true } status
            || status.Size != (ulong)Content.Length)
            return false;

        // Others may have put a pipe there meanwhile, which would keep this waiting for a writer.
        var descriptor = Libc.open(Path, Libc.OpenCloseOnExec | Libc.OpenNonBlocking);
        if (descriptor < 0)
            return false;

        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        return RealPath(descriptor) is { } real && IsKept(Path) && (real == Path || IsKept(real)) && HasContent(file);
    }

    private bool HasContent(SafeFileHandle file)
    {
        var piece = new byte[Math.Min(64 * 1024, Content.Length + 1)];
        var at = 0;
        try
        {
            int count;
            while ((count = RandomAccess.Read(file, piece, at)) > 0)
            {
                if (count > Content.Length - at || !Content.Span.Slice(at, count).SequenceEqual(piece.AsSpan(0, count)))
                    return false;

                at += count;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return at == Content.Length;
    }

    [SupportedOSPlatform("linux")]
    private static unsafe string? RealPath(int descriptor)
    {
        var buffer = stackalloc byte[MostLinkBytes];
        var length = (int)Libc.readlink($"/proc/self/fd/{descriptor}", buffer, MostLinkBytes);
        return length is > 0 and < MostLinkBytes ? RawText.FromBytes(new ReadOnlySpan<byte>(buffer, length)) : null;
    }

    /// <summary>
    /// True if the file, and every folder and link on the way to it, is this account's or root's, and others cannot
    /// write there.
    /// </summary>
    [SupportedOSPlatform("linux")]
    private static bool IsKept(string path)
    {
        var (uid, gid) = (FileStatus.OwnUid, AccountCalls.getegid());
        for (var at = path; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (FileStatus.Of(at, followLinks: false) is not { } status || (status.Uid != 0 && status.Uid != uid))
                return false;

            // A link has all rights, and they mean nothing.
            if (!status.IsFolder && !status.IsRegular)
                continue;

            var isOpen = (status.Mode & OthersMayWrite) != 0
                || ((status.Mode & GroupMayWrite) != 0 && status.Gid != gid && status.Gid != 0);
            if (isOpen && !(status.IsFolder && status.IsSticky))
                return false;
        }

        return true;
    }
}

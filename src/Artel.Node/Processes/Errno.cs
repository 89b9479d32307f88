namespace Artel.Node.Processes;

/// <summary>The error numbers of Linux that a start of a program can end with.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoSuchFile = 2;
    public const int Interrupted = 4;
    public const int ArgumentsTooLong = 7;
    public const int NotExecutableFormat = 8;
    public const int TryAgain = 11;
    public const int OutOfMemory = 12;
    public const int AccessDenied = 13;
    public const int NotADirectory = 20;
    public const int InvalidArgument = 22;
    public const int TooManyOpenFilesInSystem = 23;
    public const int TooManyOpenFiles = 24;
    public const int TextFileBusy = 26;
    public const int NameTooLong = 36;
    public const int TooManyLinks = 40;
}

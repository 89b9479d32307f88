namespace Artel.Node.Processes;

/// <summary>Why a process was not started.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Errno">The error number of the system; 0 if it was not the system that refused.</param>
internal sealed record StartFailure(string Reason, int Errno = 0)
{
    /// <summary>
    /// The node lacks something that others may have, or that it will have again: processes, memory or descriptors. That says nothing about the
    /// task.
    /// </summary>
    public bool IsShortage => Errno is Processes.Errno.TryAgain or Processes.Errno.OutOfMemory
        or Processes.Errno.TooManyOpenFiles or Processes.Errno.TooManyOpenFilesInSystem;

    /// <summary>The program is open for writing, maybe for a moment only.</summary>
    public bool IsBusy => Errno == Processes.Errno.TextFileBusy;
}

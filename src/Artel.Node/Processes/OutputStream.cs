namespace Artel.Node.Processes;

/// <summary>Which of a process's two streams; the numbers are those of artel.v1.Stream.</summary>
internal enum OutputStream
{
    Stdout = 1,
    Stderr = 2,
}

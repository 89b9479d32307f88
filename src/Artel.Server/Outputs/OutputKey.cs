using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>The streams of a process, with the numbers of the protocol.</summary>
internal enum OutputStream
{
    Stdout = 1,
    Stderr = 2,
}

/// <summary>Names one kept output: a stream of one attempt.</summary>
internal readonly record struct OutputKey(TaskId Task, int Attempt, OutputStream Stream)
{
    /// <summary>For messages.</summary>
    public override string ToString() => $"{(Stream == OutputStream.Stdout ? "stdout" : "stderr")} of attempt {Attempt} of task {Task}";
}

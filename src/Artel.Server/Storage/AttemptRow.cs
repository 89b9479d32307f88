using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>The one place that knows how an ended attempt lies in its row.</summary>
internal static class AttemptRow
{
    public const string Insert = """
        INSERT INTO attempts(
          job, position, task, attempt, epoch, sequence, node, outcome, exit_status, signal,
          message, started, ended, wall, user, system, peak_memory, next, reason,
          stdout_length, stdout_written, stdout_segment, stdout_offset, stdout_inline,
          stderr_length, stderr_written, stderr_segment, stderr_offset, stderr_inline)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
          ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)
        """;

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = """
        job, position, task, attempt, epoch, sequence, node, outcome, exit_status, signal,
        message, started, ended, wall, user, system, peak_memory, next, reason,
        stdout_length, stdout_written, stdout_segment, stdout_offset, stdout_inline,
        stderr_length, stderr_written, stderr_segment, stderr_offset, stderr_inline
        """;

    private const int FirstOfStdout = 20;
    private const int FirstOfStderr = 25;

    /// <summary>Sets the parameters of <see cref="Insert"/>.</summary>
    public static Statement Set(Statement insert, AttemptEnded ended)
    {
        var result = ended.Result;
        insert
            .Set(1, ended.Task.Job.Value)
            .Set(2, ended.Position)
            .Set(3, ended.Task.Number)
            .Set(4, ended.Attempt)
            .Set(5, ended.Lease.Epoch)
            .Set(6, ended.Lease.Sequence)
            .Set(7, ended.Node.Value)
            .Set(8, (int)result.Outcome)
            .SetUnlessZero(9, result.ExitStatus)
            .SetUnlessZero(10, result.Signal)
            .SetUnlessEmpty(11, result.Message)
            .Set(12, result.Started.ToMicroseconds())
            .Set(13, ended.At.ToMicroseconds())
            .SetUnlessZero(14, result.Usage.Wall.ToMicroseconds())
            .SetUnlessZero(15, result.Usage.User.ToMicroseconds())
            .SetUnlessZero(16, result.Usage.System.ToMicroseconds())
            .SetUnlessZero(17, result.Usage.PeakMemoryBytes)
            .Set(18, (int)ended.Next)
            .SetUnlessEmpty(19, ended.Reason);
        Set(insert, FirstOfStdout, result.Stdout);
        Set(insert, FirstOfStderr, result.Stderr);
        return insert;
    }

    public static StoredAttempt Read(SqliteDataReader row)
    {
        var result = new AttemptResult(
            (AttemptOutcome)row.GetInt32(7),
            (int)Number(row, 8),
            (int)Number(row, 9),
            Text(row, 10),
            row.IsDBNull(11) ? null : StoredTime.ToTime(row.GetInt64(11)),
            new Usage(
                StoredTime.ToDuration(Number(row, 13)),
                StoredTime.ToDuration(Number(row, 14)),
                StoredTime.ToDuration(Number(row, 15)),
                Number(row, 16)),
            Output(row, FirstOfStdout - 1),
            Output(row, FirstOfStderr - 1));
        return new StoredAttempt(
            new TaskId(new JobId(row.GetInt64(0)), row.GetInt32(2)),
            row.GetInt32(3),
            new Lease(row.GetInt64(4), row.GetInt64(5)),
            new NodeId(row.GetString(6)),
            result,
            row.GetInt64(1),
            (TaskState)row.GetInt32(17),
            Text(row, 18),
            StoredTime.ToTime(row.GetInt64(12)));
    }

    private static void Set(Statement insert, int first, KeptOutput output) => insert
        .SetUnlessZero(first, output.Length)
        .SetUnlessZero(first + 1, output.Written)
        .SetUnlessZero(first + 2, output.Segment)
        .SetUnlessZero(first + 3, output.Offset)
        .SetUnlessEmpty(first + 4, output.Inline.Span);

    private static KeptOutput Output(SqliteDataReader row, int first) => row.IsDBNull(first) && row.IsDBNull(first + 1)
        ? KeptOutput.Empty
        : new KeptOutput(
            Number(row, first),
            Number(row, first + 1),
            (int)Number(row, first + 2),
            Number(row, first + 3),
            row.IsDBNull(first + 4) ? default(ReadOnlyMemory<byte>) : row.GetFieldValue<byte[]>(first + 4));

    private static long Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);

    private static string Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? "" : row.GetString(column);
}

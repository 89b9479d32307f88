using Artel.Core;
using Artel.Server.Endings;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// Writes what follows the ends of jobs: the terms with the job, the ending with its end, in the same transactions. So no end is forgotten
/// by a server that dies right after it.
/// </summary>
internal sealed class EndingWriter(SqliteConnection connection, Func<ReadOnlyMemory<byte>, OnEndTerms?> readOnEnd) : IDisposable
{
    private readonly Statement _terms = new(connection, "INSERT INTO on_ends(job, kind, on_success, on_failure, host) VALUES(?1, ?2, ?3, ?4, ?5)");

    private readonly Statement _ending = new(connection, """
        INSERT INTO endings(job, kind, host, state, ended, total, succeeded, failed, cancelled, skipped, tries)
        SELECT job, kind, host, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0 FROM on_ends
        WHERE job = ?1 AND CASE WHEN ?2 = 3 THEN on_success ELSE on_failure END ORDER BY kind
        """);

    public void Write(JobSubmitted submitted)
    {
        if (readOnEnd(submitted.Document) is not { } terms)
        {
            return;
        }

        if (terms.HasCommand)
        {
            Write(submitted.Job, EndingKind.Command, terms, "");
        }

        if (terms.WebhookHost is { } host)
        {
            Write(submitted.Job, EndingKind.Webhook, terms, host);
        }
    }

    public void Write(JobEnded ended)
    {
        var counts = ended.Counts;
        _ending.Set(1, ended.Job.Value).Set(2, (int)ended.State).Set(3, ended.At.ToMicroseconds()).Set(4, counts.Total)
            .Set(5, counts.Succeeded).Set(6, counts.Failed).Set(7, counts.Cancelled).Set(8, counts.Skipped).Run();
    }

    public void Dispose()
    {
        _terms.Dispose();
        _ending.Dispose();
    }

    private void Write(JobId job, EndingKind kind, OnEndTerms terms, string host) => _terms.Set(1, job.Value).Set(2, (int)kind)
        .Set(3, terms.OnSuccess ? 1 : 0).Set(4, terms.OnFailure ? 1 : 0).SetUnlessEmpty(5, host).Run();
}

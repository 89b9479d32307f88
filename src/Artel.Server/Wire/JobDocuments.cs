using System.Collections.Concurrent;
using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>A submission, read: what its task numbers mean and what their processes are.</summary>
internal sealed class JobDocument(Submission submission)
{
    public Submission Submission { get; } = submission;

    public JobLayout Layout { get; } = JobLayout.Of(submission.Job);

    public static JobDocument Read(ReadOnlyMemory<byte> document) => new(Submission.Parser.ParseFrom(document.Span));
}

/// <summary>The documents of unfinished jobs, each read once, when it is first asked for. Safe from any thread.</summary>
internal sealed class JobDocuments
{
    private readonly ConcurrentDictionary<JobId, Lazy<JobDocument>> _documents = [];

    public void Add(JobId job, ReadOnlyMemory<byte> document) => _documents[job] = new Lazy<JobDocument>(() => JobDocument.Read(document));

    public void Remove(JobId job) => _documents.TryRemove(job, out _);

    public JobDocument? Find(JobId job) => _documents.TryGetValue(job, out var document) ? document.Value : null;
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>A submission, read: what its task numbers mean and what their processes are.</summary>
internal sealed class JobDocument(Submission submission)
{
    private readonly Lazy<Dictionary<string, int>> _numbers = new(() =>
        JobLayout.Of(submission.Job).Templates.Where(p => p.Template.Name.Length > 0).ToDictionary(p => p.Template.Name, p => p.Number, StringComparer.Ordinal));

    public Submission Submission { get; } = submission;

    public JobLayout Layout { get; } = JobLayout.Of(submission.Job);

    /// <summary>The number of a template by its name. There must be one of that name.</summary>
    public int TemplateNamed(string name) => _numbers.Value[name];

    public static JobDocument Read(ReadOnlyMemory<byte> document) => new(Submission.Parser.ParseFrom(document.Span));
}

/// <summary>The documents of unfinished jobs, each read once, when it is first asked for. Safe from any thread.</summary>
internal sealed class JobDocuments
{
    private readonly ConcurrentDictionary<JobId, Lazy<JobDocument>> _documents = [];

    /// <summary>Those that were read before they were kept, by the bytes they were made of.</summary>
    private readonly ConditionalWeakTable<byte[], JobDocument> _read = [];

    /// <summary>What these bytes say is known already: whoever adds a job with them has nothing to parse.</summary>
    public void Know(byte[] document, JobDocument read) => _read.Add(document, read);

    public void Add(JobId job, ReadOnlyMemory<byte> document)
    {
        _documents[job] = MemoryMarshal.TryGetArray(document, out var bytes) && bytes.Array is { } array && _read.TryGetValue(array, out var read)
            ? new Lazy<JobDocument>(read)
            : new Lazy<JobDocument>(() => JobDocument.Read(document));
    }

    public void Remove(JobId job) => _documents.TryRemove(job, out _);

    public JobDocument? Find(JobId job) => _documents.TryGetValue(job, out var document) ? document.Value : null;
}

using Artel.Protocol.Tracing;
using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Telemetry;

/// <summary>The terms by which server and nodes know the traces of a job. They follow from what is stored of the job, so that a restart changes nothing. Any thread.</summary>
/// <param name="sampling">Null: the server records nothing, and hands on what it is given.</param>
internal sealed class JobTraces(string clusterId, TraceSampling? sampling)
{
    public V1.TraceTerms TermsOf(long job, V1.Submission submission)
    {
        var parent = TraceParent.Parse(submission.TraceParent);
        var terms = new V1.TraceTerms
        {
            Seed = TaskTraces.SeedOf(clusterId, job),
            RecordedBelow = sampling?.BelowFor(parent) ?? (parent is { IsRecorded: true } ? ulong.MaxValue : 0),
        };
        if (parent is not null)
        {
            terms.TraceId = ByteString.CopyFrom(parent.TraceId.Span);
            terms.SpanId = sampling is null ? ByteString.CopyFrom(parent.SpanId.Span) : ByteString.Empty;
        }

        return terms;
    }
}

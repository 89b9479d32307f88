using Artel.Core;
using Artel.Server.Storage;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>From a caller's question for jobs to the store's.</summary>
internal static class JobQueries
{
    /// <summary>No name is longer, so a pattern that is fits none; and matching stays cheap.</summary>
    private const int MaxPattern = 256;

    /// <param name="caller">Whose jobs <c>mine</c> are.</param>
    /// <exception cref="Grpc.Core.RpcException">It asks for what can not be together.</exception>
    public static JobQuery Read(V1.ListJobsRequest request, string caller, int limit)
    {
        if (request.Mine && request.User.Length > 0)
        {
            throw Refusals.Invalid("mine and user: give one of them");
        }

        return new JobQuery
        {
            Before = request.Before == 0 ? new JobId(long.MaxValue) : new JobId(request.Before),
            Limit = limit,
            States = [.. Asked.Each("states", request.States).Select(s => (JobState)s)],
            Name = Pattern("name", request.Name),
            User = request.Mine ? JobQuery.Exactly(caller) : Pattern("user", request.User),
            Tag = Pattern("tag", request.Tag),
            EndedSince = Asked.Time("ended_since", request.EndedSince),
            EndedBefore = Asked.Time("ended_before", request.EndedBefore),
            ByEnd = request.ByEnd,
        };
    }

    private static string Pattern(string field, string text) => Asked.Text(field, text, MaxPattern);
}

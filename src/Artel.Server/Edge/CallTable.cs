using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.StaticAssets;

namespace Artel.Server.Edge;

/// <summary>
/// Who may make which call and how much they may send with it: one row for each gRPC method and each route. JSON routes have the row of their
/// gRPC method. An endpoint without a row is refused.
/// </summary>
internal static class CallTable
{
    /// <summary>The key of all files that the dashboard serves.</summary>
    public const string StaticFile = "static file";

    private const string Cluster = "/artel.v1.Cluster/";
    private const string NodeLink = "/artel.v1.NodeLink/";

    private static readonly CallTerms Viewer = new(Access.Viewer, BodyTerms.Question);
    private static readonly CallTerms Watch = new(Access.Viewer, BodyTerms.Question, IsLasting: true);
    private static readonly CallTerms User = new(Access.User, BodyTerms.Question);
    private static readonly CallTerms Submission = new(Access.User, BodyTerms.Submission);
    private static readonly CallTerms Admin = new(Access.Admin, BodyTerms.Question);
    private static readonly CallTerms Open = new(Access.Anyone, BodyTerms.None);
    private static readonly CallTerms Page = new(Access.Page, BodyTerms.None);
    private static readonly CallTerms Unknown = new(Access.AnyCredential, BodyTerms.None);

    /// <summary>Rows by the name of the gRPC method, or by the route as the web server has it.</summary>
    public static IReadOnlyDictionary<string, CallTerms> Rows { get; } = new Dictionary<string, CallTerms>(StringComparer.Ordinal)
    {
        [Cluster + "GetStatus"] = Viewer,
        [Cluster + "ListJobs"] = Viewer,
        [Cluster + "GetJob"] = Viewer,
        [Cluster + "WatchJob"] = Watch,
        [Cluster + "ListTasks"] = Viewer,
        [Cluster + "GetTask"] = Viewer,
        [Cluster + "Explain"] = Viewer,
        [Cluster + "ReadOutput"] = Watch,
        [Cluster + "FetchResults"] = Watch,
        [Cluster + "GroupFailures"] = Viewer,
        [Cluster + "GetJobStats"] = Viewer,
        [Cluster + "GetTaskMap"] = Viewer,
        [Cluster + "ListTemplates"] = Viewer,
        [Cluster + "ListAttempts"] = Viewer,
        [Cluster + "GetJobSpec"] = Viewer,
        [Cluster + "FindInOutput"] = Viewer,
        [Cluster + "GetHistory"] = Viewer,
        [Cluster + "GetSettings"] = Viewer,
        [Cluster + "GetUsage"] = Viewer,
        [Cluster + "ListNodes"] = Viewer,
        [Cluster + "GetNode"] = Viewer,
        [Cluster + "WatchEvents"] = Watch,
        [Cluster + "ListLimits"] = Viewer,
        [Cluster + "ListQuotas"] = Viewer,
        [Cluster + "ListSchedules"] = Viewer,
        [Cluster + "GetSchedule"] = Viewer,
        [Cluster + "CreateLoginLink"] = Viewer,
        [Cluster + "CloseSession"] = Viewer,
        [Cluster + "OpenSession"] = new(Access.Login, BodyTerms.Introduction),

        [Cluster + "Submit"] = Submission,
        [Cluster + "AddSchedule"] = Submission,
        [Cluster + "CheckPlaces"] = User,
        [Cluster + "Cancel"] = User,
        [Cluster + "Retry"] = Submission,
        [Cluster + "Hold"] = User,
        [Cluster + "Release"] = User,
        [Cluster + "SetJob"] = User,
        [Cluster + "PauseSchedule"] = User,
        [Cluster + "ResumeSchedule"] = User,
        [Cluster + "RunSchedule"] = User,
        [Cluster + "RemoveSchedule"] = User,

        [Cluster + "SetLimit"] = Admin,
        [Cluster + "SetQuota"] = Admin,
        [Cluster + "DrainNode"] = Admin,
        [Cluster + "ResumeNode"] = Admin,
        [Cluster + "StopNode"] = Admin,
        [Cluster + "ForgetNode"] = Admin,
        [Cluster + "CreateToken"] = Admin,
        [Cluster + "ListTokens"] = Admin,
        [Cluster + "RevokeToken"] = Admin,
        [Cluster + "RotateKey"] = Admin,
        [Cluster + "StopServer"] = Admin,
        [Cluster + "ListAudit"] = Admin,

        [NodeLink + "Join"] = new(Access.Join, BodyTerms.Introduction),
        [NodeLink + "Connect"] = new(Access.Node, BodyTerms.Link, IsLasting: true),
        [NodeLink + "Tail"] = new(Access.Node, BodyTerms.Link, IsLasting: true),
        ["POST /v1/leases/{epoch:long}/{sequence:long}/output"] = new(Access.Node, BodyTerms.Upload, IsLasting: true),

        // What gRPC answers to methods of a newer client.
        ["* /{unimplementedService}/{unimplementedMethod:grpcunimplemented}"] = Unknown,
        ["* /artel.v1.Cluster/{unimplementedMethod:grpcunimplemented}"] = Unknown,
        ["* /artel.v1.NodeLink/{unimplementedMethod:grpcunimplemented}"] = Unknown,

        ["GET /healthz"] = Open,
        ["GET /readyz"] = Open,
        ["GET /metrics"] = new(Access.Metrics, BodyTerms.None),

        [StaticFile] = Open,
        ["GET,POST /login"] = Open,
        ["GET,POST /logout"] = Open,
        ["POST /login"] = new(Access.Anyone, BodyTerms.Form),
        ["POST /logout"] = new(Access.Anyone, BodyTerms.Form),
        ["GET,POST /"] = Page,
        ["GET,POST /about"] = Page,
        ["GET,POST /audit"] = Page,
        ["GET,POST /events"] = Page,
        ["GET,POST /jobs"] = Page,
        ["GET,POST /not-found"] = Page,
        ["GET,POST /jobs/{Job}"] = Page,
        ["GET,POST /jobs/{JobNumber}/tasks/{TaskNumber}"] = Page,
        ["GET,POST /nodes"] = Page,
        ["GET,POST /nodes/{Id}"] = Page,
        ["GET,POST /schedules"] = Page,
        ["GET,POST /settings"] = Page,
        ["GET,POST /submit"] = Page,
        ["GET,POST /tokens"] = Page,
        ["GET,POST /usage"] = Page,
        ["GET /jobs/{job}/tasks/{task}/output"] = Page with { IsLasting = true },
        ["* /_blazor"] = new(Access.Page, BodyTerms.Circuit, IsLasting: true),
        ["* /_blazor/negotiate"] = Page,
        ["* /_blazor/initializers/"] = Page,
        ["* /_blazor/disconnect/"] = new(Access.Page, BodyTerms.Farewell),
        ["GET /_framework/opaque-redirect"] = Page,

        // Only builds that were not published have it: files that were added since.
        ["GET,HEAD /{**path:file}"] = Open,
    };

    /// <summary>
    /// Puts the terms of an endpoint, and the policy that enforces them, in place of whatever it says of authorization itself. Without a row it is left to
    /// the fallback policy, which refuses it.
    /// </summary>
    public static void Apply(EndpointBuilder endpoint)
    {
        for (var i = endpoint.Metadata.Count - 1; i >= 0; i--)
        {
            if (endpoint.Metadata[i] is IAuthorizeData or IAllowAnonymous)
            {
                endpoint.Metadata.RemoveAt(i);
            }
        }

        if (endpoint is RouteEndpointBuilder route && Rows.TryGetValue(KeyOf(route.RoutePattern.RawText, route.Metadata), out var terms))
        {
            endpoint.Metadata.Add(terms);
            endpoint.Metadata.Add(new AuthorizeAttribute(terms.Access.ToString()));
        }
    }

    /// <summary>By which row an endpoint is governed, if there is one.</summary>
    public static string KeyOf(RouteEndpoint endpoint) => KeyOf(endpoint.RoutePattern.RawText, endpoint.Metadata);

    private static string KeyOf(string? pattern, IEnumerable<object> metadata)
    {
        string? methods = null;
        foreach (var item in metadata)
        {
            switch (item)
            {
                case GrpcMethodMetadata grpc:
                    return grpc.Method.FullName;
                case StaticAssetDescriptor:
                    return StaticFile;
                case IHttpMethodMetadata { HttpMethods.Count: > 0 } http:
                    methods = string.Join(',', http.HttpMethods);
                    break;
            }
        }

        return $"{methods ?? "*"} {pattern}";
    }
}

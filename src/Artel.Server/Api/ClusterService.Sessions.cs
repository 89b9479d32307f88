using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Sessions of browsers.</summary>
internal sealed partial class ClusterService
{
    public override Task<V1.LoginLink> CreateLoginLink(V1.CreateLoginLinkRequest request, ServerCallContext context)
    {
        if (!options.Dashboard.IsOn)
        {
            throw Refusals.NotNow("this server was started without a dashboard: start it without '--dashboard none'");
        }

        var (code, expires) = codes.Make(context.Principal().Token);
        return Task.FromResult(new V1.LoginLink { Code = code, Expires = expires.ToTimestamp(), LoopbackUrl = life.DashboardUrl, OverTls = true });
    }

    public override async Task<V1.Session> OpenSession(V1.OpenSessionRequest request, ServerCallContext context)
    {
        var token = request.Code.Length > 0 ? codes.Use(request.Code)
            : context.GetHttpContext().HasSecret() ? context.Principal().Token
            : throw Refusals.Unauthenticated("a session begins with a token or with the code of a login link");
        if (token is null || credentials.GoodToken(token) is not { } good)
        {
            throw Refusals.Unauthenticated("this login link was used, or is older than five minutes: 'artel dashboard' makes another");
        }

        var (secret, expires) = await credentials.Sessions.BeginAsync(good, context.CancellationToken);
        return new V1.Session { Secret = secret, Expires = expires.ToTimestamp() };
    }

    public override async Task<V1.CloseSessionReply> CloseSession(V1.CloseSessionRequest request, ServerCallContext context) =>
        await credentials.Sessions.EndAsync(context.Secret(), context.CancellationToken)
            ? new V1.CloseSessionReply()
            : throw Refusals.NotNow("this call carries a token, not the secret of a session: revoke it with 'artel token revoke'");
}

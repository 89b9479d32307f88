using Artel.Server.Security;
using Artel.Protocol.Maps;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Tokens.</summary>
internal sealed partial class ClusterService
{
    private static readonly TimeSpan NodeTokenValidity = TimeSpan.FromHours(24);
    private static readonly TimeSpan TokenValidity = TimeSpan.FromDays(90);

    public override async Task<V1.CreateTokenReply> CreateToken(V1.CreateTokenRequest request, ServerCallContext context)
    {
        if (request.Role == V1.Role.Unspecified || !System.Enum.IsDefined(request.Role))
        {
            throw Refusals.Invalid("a token has the role viewer, user, admin or node");
        }

        if (request.Uses < 0 || (request.Uses > 0 && request.Role != V1.Role.Node))
        {
            throw Refusals.Invalid("only a token of role node counts its uses, from 1; 0 means any number");
        }

        var validFor = Asked.Span("valid_for", request.ValidFor) ?? (request.Role == V1.Role.Node ? NodeTokenValidity : TokenValidity);
        if (validFor <= TimeSpan.Zero)
        {
            throw Refusals.Invalid("a token is valid for some time: valid_for is longer than 0");
        }

        var created = await credentials.CreateTokenAsync(request.Role, Asked.Text("name", request.Name, JobLimits.MaxNameLength), validFor, request.Uses, context.CancellationToken);
        return new V1.CreateTokenReply { Ticket = printer.Print(created.Secret, request.Role), Token = Write(created.Token) };
    }

    public override Task<V1.ListTokensReply> ListTokens(V1.ListTokensRequest request, ServerCallContext context)
    {
        var reply = new V1.ListTokensReply();
        reply.Tokens.AddRange(credentials.ListTokens().Select(Write));
        return Task.FromResult(reply);
    }

    public override async Task<V1.RevokeTokenReply> RevokeToken(V1.RevokeTokenRequest request, ServerCallContext context) =>
        await credentials.RevokeTokenAsync(request.Id, context.CancellationToken)
            ? new V1.RevokeTokenReply()
            : throw Refusals.NotFound($"there is no token '{request.Id}': 'artel token ls' lists them");

    private static V1.Token Write(TokenInfo token)
    {
        var written = new V1.Token
        {
            Id = token.Id,
            Role = token.Role,
            Name = token.Name,
            Created = token.Created.ToTimestamp(),
            Expires = token.Expires.ToTimestamp(),
            Revoked = token.Revoked,
        };
        if (token.UsesLeft is { } uses)
        {
            written.UsesLeft = uses;
        }

        return written;
    }
}

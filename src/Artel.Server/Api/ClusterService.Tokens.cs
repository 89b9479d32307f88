using Artel.Protocol.Maps;
using Artel.Server.Security;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Tokens.</summary>
internal sealed partial class ClusterService
{
    private static readonly TimeSpan NodeTokenValidity = TimeSpan.FromHours(1);
    private static readonly TimeSpan TokenValidity = TimeSpan.FromDays(90);

    public override async Task<V1.CreateTokenReply> CreateToken(V1.CreateTokenRequest request, ServerCallContext context)
    {
        if (request.Role == V1.Role.Unspecified || !System.Enum.IsDefined(request.Role))
        {
            throw Refusals.Invalid("a token has the role viewer, user, admin or node");
        }

        var uses = UsesOf(request);

        var validFor = Asked.Span("valid_for", request.ValidFor) ?? (request.Role == V1.Role.Node ? NodeTokenValidity : TokenValidity);
        if (validFor <= TimeSpan.Zero)
        {
            throw Refusals.Invalid("a token is valid for some time: valid_for is longer than 0");
        }

        var node = request.Node.Length > 0 ? request.Node : null;
        var created = await credentials.CreateTokenAsync(request.Role, NameOf(request), validFor, uses, node, context.CancellationToken);
        return new V1.CreateTokenReply { Ticket = printer.Print(created.Secret, request.Role), Token = Write(created.Token) };
    }

    public override Task<V1.ListTokensReply> ListTokens(V1.ListTokensRequest request, ServerCallContext context)
    {
        var reply = new V1.ListTokensReply();
        reply.Tokens.AddRange(credentials.ListTokens().Select(Write));
        return Task.FromResult(reply);
    }

    public override async Task<V1.RevokeTokenReply> RevokeToken(V1.RevokeTokenRequest request, ServerCallContext context) =>
        await credentials.RevokeTokenAsync(request.Id, request.Force, context.CancellationToken) switch
        {
            Revocation.Revoked => new V1.RevokeTokenReply(),
            Revocation.LastAdmin => throw Refusals.NotNow(
                $"'{request.Id}' is the last admin token that is valid for 24 hours or more: create another one first ('artel token create --role admin'), or add --force"),
            _ => throw Refusals.NotFound($"there is no token '{request.Id}': 'artel token ls' lists them"),
        };

    /// <summary>
    /// The name is the person: jobs belong to it. So a token of people that is given none gets one that no other has, or strangers would share what is theirs.
    /// </summary>
    private static string NameOf(V1.CreateTokenRequest request)
    {
        if (request.Name.Length > MaxUserName || request.Name.Any(char.IsControl))
        {
            throw Refusals.Invalid($"the name of a token has at most {MaxUserName} characters, and no control characters");
        }

        return request.Name.Length > 0 || request.Role == V1.Role.Node
            ? request.Name
            : $"{request.Role.ToString().ToLowerInvariant()}-{System.Security.Cryptography.RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    }

    /// <summary>How many nodes may join with the token. 0 means any number.</summary>
    private static int UsesOf(V1.CreateTokenRequest request)
    {
        if (request.Role != V1.Role.Node)
        {
            return request.HasUses || request.Unlimited || request.Node.Length > 0
                ? throw Refusals.Invalid("only a token of role node has uses, or is for one node")
                : 0;
        }

        if (request.Node.Length > 0 && !NodeIds.IsValid(request.Node))
        {
            throw Refusals.Invalid($"'{request.Node}' cannot be the id of a node: {NodeIds.Rule}");
        }

        if (request.Unlimited)
        {
            return request.HasUses || request.Node.Length > 0
                ? throw Refusals.Invalid("a token for any number of nodes has neither a number of uses nor one node")
                : 0;
        }

        return request is { HasUses: true, Uses: < 1 }
            ? throw Refusals.Invalid($"uses is {request.Uses}: it is at least 1, or set unlimited")
            : request.HasUses ? request.Uses : 1;
    }

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
            Node = token.Node ?? "",
        };
        if (token.UsesLeft is { } uses)
        {
            written.UsesLeft = uses;
        }

        return written;
    }
}

using System.Net.Sockets;
using System.Security.Authentication;
using Artel.Cli.Access;
using Artel.Protocol.Client;
using Grpc.Core;

namespace Artel.Cli.Tests;

public sealed class RpcFailureTests
{
    private static readonly ConfiguredAccess Configured = new(
        new ClusterAccess(["host:7070"], new CertificatePin(new byte[32]), "secret-of-mine"), "ARTEL_TOKEN");

    [Theory]
    [InlineData(StatusCode.InvalidArgument, ExitStatus.WrongUsage)]
    [InlineData(StatusCode.FailedPrecondition, ExitStatus.WrongUsage)]
    [InlineData(StatusCode.AlreadyExists, ExitStatus.WrongUsage)]
    [InlineData(StatusCode.Unavailable, ExitStatus.NoCluster)]
    [InlineData(StatusCode.DeadlineExceeded, ExitStatus.NoCluster)]
    [InlineData(StatusCode.ResourceExhausted, ExitStatus.NoCluster)]
    [InlineData(StatusCode.Internal, ExitStatus.NoCluster)]
    [InlineData(StatusCode.NotFound, ExitStatus.NotFound)]
    [InlineData(StatusCode.Unauthenticated, ExitStatus.NotAllowed)]
    [InlineData(StatusCode.PermissionDenied, ExitStatus.NotAllowed)]
    [InlineData(StatusCode.Cancelled, ExitStatus.Interrupted)]
    public void Each_status_of_a_call_has_its_exit_status_and_says_no_secret(StatusCode code, int expected)
    {
        var failure = Describe(new Status(code, "what the server said"));

        Assert.Equal(expected, failure.Status);
        Assert.DoesNotContain("secret-of-mine", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void What_the_server_says_about_versions_is_passed_on_as_it_is()
    {
        const string Said = "protocol 3.0 of this artel and 1.0 of the server are too far apart: update the server";

        Assert.Equal(Said, Describe(new Status(StatusCode.FailedPrecondition, Said)).Message);
    }

    [Fact]
    public void Another_certificate_is_told_apart_from_no_answer()
    {
        var refused = new AuthenticationException("The remote certificate was rejected by the provided RemoteCertificateValidationCallback.");

        var failure = Describe(new Status(StatusCode.Unavailable, "x", new HttpRequestException("y", refused)));

        Assert.Equal(ExitStatus.NotAllowed, failure.Status);
        Assert.Contains("its key does not have the pin sha256:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_where_no_one_listens_is_said_so()
    {
        var refused = new HttpRequestException("y", new SocketException((int)SocketError.ConnectionRefused));

        Assert.Contains("nothing listens there", Describe(new Status(StatusCode.Unavailable, "x", refused)).Message, StringComparison.Ordinal);
    }

    private static CommandFailure Describe(Status status) => RpcFailure.Describe(new RpcException(status), Configured, "host:7070");
}

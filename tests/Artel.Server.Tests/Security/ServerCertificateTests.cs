using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;
using Artel.Protocol.Files;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;

namespace Artel.Server.Tests.Security;

/// <summary>The server's identity.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataFolder _data;

    public ServerCertificateTests() => _data = DataFolder.Open(_folder["data"]);

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_first_start_makes_it_and_every_later_start_finds_it()
    {
        using var first = Load();
        using var second = Load();

        Assert.Equal(CertificatePin.Of(first), CertificatePin.Of(second));
        Assert.Equal(first.RawData, second.RawData);
    }

    [Fact]
    public void It_is_an_elliptic_key_for_ten_years_and_the_names_of_this_machine()
    {
        using var certificate = Load(IPAddress.Parse("127.5.6.7"));

        using var key = certificate.GetECDsaPublicKey();
        Assert.Equal(256, key!.KeySize);
        Assert.InRange((certificate.NotAfter - certificate.NotBefore).TotalDays, 3650, 3660);
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(new[] { "localhost", Environment.MachineName }.Distinct(), names.EnumerateDnsNames().Distinct());
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse("127.5.6.7")], names.EnumerateIPAddresses());
    }

    [Fact]
    public void Its_file_is_for_its_owner_alone()
    {
        Load().Dispose();

        Assert.Equal("600", FileModes.Of(_data.CertificateFile));
        Assert.Equal("700", FileModes.Of(_data.Path));
        Assert.DoesNotContain(Directory.GetFiles(_data.Path), file => Path.GetFileName(file).StartsWith('.'));
    }

    [Fact]
    public void A_file_that_others_may_open_is_refused_with_the_way_to_mend_it()
    {
        Load().Dispose();
        FileModes.Set(_data.CertificateFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var refusal = Assert.Throws<StoreException>(() => Load());

        Assert.Contains($"'chmod 600 {_data.CertificateFile}'", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("cut")]
    [InlineData("without key")]
    [InlineData("another key")]
    public void A_damaged_file_is_refused_and_not_replaced(string damage)
    {
        Load().Dispose();
        var content = File.ReadAllText(_data.CertificateFile);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = content.IndexOf("-----BEGIN PRIVATE", StringComparison.Ordinal);
        var damaged = damage switch
        {
            "empty" => "",
            "garbage" => "\0\u00ff this is no certificate",
            "cut" => content[..(content.Length / 3)],
            "without key" => content[..key],
            _ => content[..key] + other.ExportPkcs8PrivateKeyPem(),
        };
        OwnerOnly.Replace(_data.CertificateFile, System.Text.Encoding.UTF8.GetBytes(damaged));

        var refusal = Assert.Throws<StoreException>(() => Load());

        Assert.StartsWith($"{_data.CertificateFile} holds no certificate with its key", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllText(_data.CertificateFile));
    }

    [Fact]
    public async Task A_client_that_knows_the_pin_can_speak_tls_1_3_with_it()
    {
        using var certificate = Load();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(accepted.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = SslProtocols.Tls13,
            });
            return tls.SslProtocol;
        });

        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        var pin = CertificatePin.Of(certificate);
        await using var stream = new SslStream(
            client.GetStream(), false, (_, presented, _, _) => CertificatePin.Of((X509Certificate2)presented!).Equals(pin));
        await stream.AuthenticateAsClientAsync("localhost");

        Assert.Equal(SslProtocols.Tls13, await serving);
        Assert.True(stream.IsAuthenticated);
    }

    private X509Certificate2 Load(IPAddress? listen = null) =>
        ServerCertificate.LoadOrCreate(_data, listen ?? IPAddress.Loopback, TimeProvider.System);
}

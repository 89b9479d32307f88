using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;

namespace Artel.Protocol.Tests.Client;

public sealed class CertificatePinTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pin_is_the_hash_of_the_key_and_stays_when_the_certificate_is_renewed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var first = Certificate(key, "CN=one", 1);
        using var renewed = Certificate(key, "CN=two", 2);

        var pin = CertificatePin.Of(first);

        Assert.Equal(pin, CertificatePin.Of(renewed));
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))}", pin.ToString());
    }

    [Fact]
    public void Another_key_is_another_pin()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var one = Certificate(key, "CN=one", 1);
        using var other = Certificate(otherKey, "CN=one", 1);

        Assert.NotEqual(CertificatePin.Of(one), CertificatePin.Of(other));
    }

    [Fact]
    public void A_pin_reads_back_in_either_case()
    {
        var pin = new CertificatePin(Enumerable.Range(0, 32).Select(i => (byte)(i * 8)).ToArray());

        Assert.True(CertificatePin.TryParse(pin.ToString(), out var again));
        Assert.Equal(pin, again);
        Assert.Equal(pin.GetHashCode(), again!.GetHashCode());
        Assert.True(CertificatePin.TryParse($"sha256:{Convert.ToHexString(pin.Hash.Span)}", out again));
        Assert.Equal(pin, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:00")]
    [InlineData("sha1:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha256:000000000000000000000000000000000000000000000000000000000000000g")]
    [InlineData("sha256:00000000000000000000000000000000000000000000000000000000000000000")]
    public void Other_text_is_no_pin(string? text)
    {
        Assert.False(CertificatePin.TryParse(text, out var pin));
        Assert.Null(pin);
    }

    [Fact]
    public void A_hash_of_another_length_is_a_bug_of_the_caller() => Assert.Throws<ArgumentException>(() => new CertificatePin(new byte[31]));

    private static X509Certificate2 Certificate(ECDsa key, string name, byte serial) => new CertificateRequest(name, key, HashAlgorithmName.SHA256)
        .Create(new X500DistinguishedName(name), X509SignatureGenerator.CreateForECDsa(key), Start, Start.AddDays(serial), [serial]);
}

using System.Text;
using Artel.Protocol.Client;
using Artel.Protocol.Files;

namespace Artel.Cli.Access;

/// <summary>
/// Remembers in the file <c>server-addresses</c> of the user's folder which address of a token with several led to the
/// server last, so that it is tried first. A line is the token's pin and the address. Nothing depends on the file.
/// </summary>
/// <param name="file">It may be missing.</param>
/// <param name="pin">The token's.</param>
internal sealed class KnownAddresses(string file, CertificatePin pin)
{
    private const int MostLines = 100;

    /// <summary>The token's addresses, the remembered one first.</summary>
    public IReadOnlyList<string> InOrder(IReadOnlyList<string> addresses)
    {
        if (addresses.Count < 2)
            return addresses;

        var first = Read().FirstOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal))?[Prefix.Length..];
        return first is not null && addresses.Contains(first)
            ? [first, .. addresses.Where(a => a != first)]
            : addresses;
    }

    /// <summary>
    /// Remembers that the server was found at this address. The addresses are in the order in which they were tried.
    /// </summary>
    public void Worked(IReadOnlyList<string> addresses, string address)
    {
        if (addresses.Count < 2 || addresses[0] == address)
            return;

        try
        {
            var others = Read().Where(line => !line.StartsWith(Prefix, StringComparison.Ordinal));
            var lines = others.Prepend(Prefix + address).Take(MostLines).Select(line => line + '\n');
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            OwnerOnly.Replace(file, Encoding.UTF8.GetBytes(string.Concat(lines)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next command tries them in the token's order again.
        }
    }

    private string Prefix => $"{pin} ";

    private List<string> Read()
    {
        try
        {
            return [.. File.ReadLines(file)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

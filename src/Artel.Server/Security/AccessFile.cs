using System.Text;
using Artel.Protocol.Client;
using Artel.Server.Storage;
using Role = Artel.Protocol.V1.Role;

namespace Artel.Server.Security;

/// <summary>The admin's ticket in <c>ARTEL_HOME/access</c>, by which the command line beside the server works at once.</summary>
internal sealed class AccessFile(string home)
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(home), "access");

    /// <summary>Brings the file up to date: with a new admin token where there is none that is good, else with the present addresses.</summary>
    /// <exception cref="StoreException">It can not be written.</exception>
    public async Task WriteAsync(CredentialStore credentials, TicketPrinter printer, CancellationToken cancellation)
    {
        try
        {
            OwnerOnly.CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
            var secret = await ReadSecretAsync(credentials, cancellation);
            if (secret is null)
            {
                (secret, _) = await credentials.CreateTokenAsync(Role.Admin, Environment.UserName, Validity, 0, cancellation);
            }

            OwnerOnly.Replace(Path, Encoding.ASCII.GetBytes(printer.PrintLocal(secret, Role.Admin) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the access file {Path} can not be written: {e.Message}", e);
        }
    }

    private async Task<string?> ReadSecretAsync(CredentialStore credentials, CancellationToken cancellation)
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        var known = Tickets.Parse(await File.ReadAllTextAsync(Path, cancellation), out _);
        return known is not null && credentials.Authenticate(known.Secret).Principal is { Role: Role.Admin } ? known.Secret : null;
    }
}

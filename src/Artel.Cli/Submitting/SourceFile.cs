using Artel.Protocol.Maps;

namespace Artel.Cli.Submitting;

/// <summary>A file to submit: a map or a script. It is read once, since it may be a pipe.</summary>
/// <param name="Name">As the user named it.</param>
internal sealed record SourceFile(string Name, byte[] Bytes)
{
    private const string StandardInput = "-";

    private const int MaxBytes = JobLimits.MaxMapBytes;

    public bool IsStandardInput => Name == StandardInput;

    /// <summary>The name for messages.</summary>
    public string ShownName => Shown(Name);

    /// <summary>True if there is such a file; a pipe or a device is one too.</summary>
    public static bool Exists(string name) => name == StandardInput || File.Exists(OwnProcess.PathOf(name));

    /// <summary>Reads the file, or standard input.</summary>
    /// <exception cref="CommandFailure">It does not exist, cannot be read or is too large.</exception>
    public static async Task<SourceFile> ReadAsync(string name, CancellationToken ct)
    {
        if (name.Length == 0)
            throw CommandFailure.WrongUsage("the name of the file is empty: name a map or a script");

        try
        {
            // A pipe may stay open and silent, and a read of it cannot be cancelled: then the thread is left behind.
            return new SourceFile(name, await Task.Run(() => Read(name), ct).WaitAsync(ct));
        }
        catch (FileNotFoundException)
        {
            throw CommandFailure.WrongUsage(
                Directory.Exists(name)
                    ? $"{name} is a folder: name a map or a script in it"
                    : $"{name} does not exist: name a map or a script ('artel run -- CMD' runs a command)");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", Shown(name), e);
        }
    }

    private static string Shown(string name) => name == StandardInput ? "standard input" : name;

    private static byte[] Read(string name)
    {
        using var stream = name == StandardInput
            ? Console.OpenStandardInput()
            : File.OpenRead(OwnProcess.PathOf(name));
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaxBytes)
            {
                throw CommandFailure.WrongUsage(
                    $"{Shown(name)} is larger than {Sizes.Format(MaxBytes)}, the limit of a map or a script: "
                    + "let a small script call it");
            }
        }

        return all.ToArray();
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Artel.Chaos.History;

/// <summary>What a process of a task writes: known from its name alone, so that the output of another one is told apart.</summary>
internal static class TaskOutput
{
    public static byte[] Stdout(string run, int bytes)
    {
        var line = Encoding.ASCII.GetBytes(run + "\n");
        var all = new byte[line.Length + bytes];
        for (var i = 0; i < all.Length; i++)
            all[i] = line[i % line.Length];

        return all;
    }

    public static string Expected(string run, int bytes) => Digest(Stdout(run, bytes), Stdout(run, 0));

    /// <summary>Lengths and SHA-256 of both streams.</summary>
    public static string Digest(ReadOnlySpan<byte> stdout, ReadOnlySpan<byte> stderr) => $"{Digest(stdout)} {Digest(stderr)}";

    private static string Digest(ReadOnlySpan<byte> stream) => $"{stream.Length}:{Convert.ToHexStringLower(SHA256.HashData(stream))}";
}

using System.Text;
using Artel.Node.Processes;

namespace Artel.Node.Accounts;

/// <summary>
/// What the agent hands to a <see cref="TaskStarter"/>: a program and the account that it is to run as. It goes through
/// a file in memory, not through the starter's own arguments and environment: those are read by the dynamic linker and
/// the runtime of a process that is still root.
/// </summary>
/// <param name="Account">As whom.</param>
/// <param name="Arguments">As in <see cref="LaunchRequest"/>.</param>
/// <param name="Environment">All variables.</param>
/// <param name="WorkingDirectory">Empty: the account's home.</param>
/// <param name="Script">As in <see cref="LaunchRequest"/>.</param>
internal sealed record TaskStartRecord(
    Account Account,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    ScriptPlace? Script = null)
{
    public static TaskStartRecord Of(Account account, LaunchRequest request) =>
        new(
            account,
            request.Arguments,
            request.Environment.Variables.ToDictionary(StringComparer.Ordinal),
            request.WorkingDirectory,
            request.Script);

    public byte[] ToBytes()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(Account.Name);
        writer.Write(Account.Uid);
        writer.Write(Account.Gid);
        writer.Write(Account.Groups.Count);
        foreach (var group in Account.Groups)
            writer.Write(group);

        writer.Write(Account.Home);
        writer.Write(Account.Shell);
        writer.Write(Arguments.Count);
        foreach (var argument in Arguments)
            writer.Write(argument);

        writer.Write(Environment.Count);
        foreach (var (name, value) in Environment)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write(WorkingDirectory);
        writer.Write(Script is not null);
        if (Script is { } script)
        {
            writer.Write(script.Argument);
            writer.Write(script.Path);
            writer.Write(script.Folder);
            writer.Write(script.Content.Length);
            writer.Write(script.Content.Span);
        }

        writer.Flush();
        return memory.ToArray();
    }

    /// <exception cref="IOException">It is not a whole record.</exception>
    public static TaskStartRecord Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var account = new Account(
            reader.ReadString(), reader.ReadUInt32(), reader.ReadUInt32(), Many(reader, r => r.ReadUInt32()),
            reader.ReadString(), reader.ReadString());
        var arguments = Many(reader, r => r.ReadString());
        var variables = Many(reader, r => KeyValuePair.Create(r.ReadString(), r.ReadString()));
        var folder = reader.ReadString();
        ScriptPlace? script = null;
        if (reader.ReadBoolean())
        {
            var (argument, path, copies) = (reader.ReadInt32(), reader.ReadString(), reader.ReadString());
            script = new ScriptPlace(argument, path, reader.ReadBytes(reader.ReadInt32()), copies);
        }

        return new TaskStartRecord(account, arguments, variables.ToDictionary(StringComparer.Ordinal), folder, script);
    }

    private static T[] Many<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var all = new T[reader.ReadInt32()];
        for (var i = 0; i < all.Length; i++)
            all[i] = read(reader);

        return all;
    }
}

using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Artel.Cli.Access;

/// <summary>What <c>config.yaml</c> says. Keys that this version does not know are left alone: a newer one may.</summary>
internal sealed record ConfigFile(string? Server, string? Token)
{
    /// <summary>Nothing where there is no file.</summary>
    public static ConfigFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ConfigFile(null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", path, e);
        }

        return Parse(text, path);
    }

    internal static ConfigFile Parse(string text, string path)
    {
        try
        {
            return Parse(new Parser(new StringReader(text)), path);
        }
        catch (YamlException e)
        {
            throw Wrong(path, e.Start, e.InnerException?.Message ?? e.Message);
        }
    }

    private static ConfigFile Parse(Parser parser, string path)
    {
        string? server = null, token = null;
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
            return new ConfigFile(null, null);

        parser.Consume<DocumentStart>();
        if (parser.TryConsume<Scalar>(out var lone))
            return lone.Value.Length == 0 ? new ConfigFile(null, null) : throw Wrong(path, lone.Start, "write 'key: value' lines, such as 'server: host:7070'");

        if (!parser.TryConsume<MappingStart>(out _))
            throw Wrong(path, parser.Current!.Start, "write 'key: value' lines, such as 'server: host:7070'");

        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Accept<Scalar>(out var name) ? name.Value : "";
            parser.SkipThisAndNestedEvents();
            if (key is not ("server" or "token"))
            {
                parser.SkipThisAndNestedEvents();
                continue;
            }

            if (!parser.TryConsume<Scalar>(out var value))
                throw Wrong(path, parser.Current!.Start, $"'{key}' is one text");

            if (key == "server")
                server = NullIfEmpty(value.Value);
            else
                token = NullIfEmpty(value.Value);
        }

        return new ConfigFile(server, token);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static CommandFailure Wrong(string path, Mark at, string problem) =>
        CommandFailure.WrongUsage(string.Create(CultureInfo.InvariantCulture, $"{path}:{at.Line}:{at.Column}: {problem}"));
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Files of entries, read by the one who submits: a line each, or the elements of a JSON array.</summary>
public static class EntryFiles
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Fills an axis from bytes; gives what is wrong in words that follow the name of the file, or null.</summary>
    public delegate string? Reader(ReadOnlyMemory<byte> bytes, Axis axis);

    /// <summary>Reads a file into an axis; gives what is wrong in words that follow its name, or null.</summary>
    public static string? Read(string path, Reader read, Axis axis)
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            using var file = File.OpenRead(path);
            return Read(file, read, axis);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"can not be read ({e.Message})";
        }
    }

    /// <inheritdoc cref="Read(string, Reader, Axis)"/>
    public static string? Read(System.IO.Stream file, Reader read, Axis axis)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(read);

        // What the file says of its length is not asked: a device or a pipe has none.
        var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > JobLimits.MaxJobBytes)
                return $"is larger than {Sizes.Format(JobLimits.MaxJobBytes)}, the most that can be submitted at once: split it into several jobs";
        }

        return read(content.GetBuffer().AsMemory(0, (int)content.Length), axis);
    }

    /// <summary>An entry a line, also where it is empty. The end of a line is <c>\n</c> or <c>\r\n</c>.</summary>
    public static string? FromLines(ReadOnlyMemory<byte> bytes, Axis axis)
    {
        var bom = bytes.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
        Split(bytes.Span[bom..], (byte)'\n', cutsReturn: true, axis);
        return null;
    }

    /// <summary>Entries that end with a NUL byte, as <c>find -print0</c> writes them; the last one may lack it.</summary>
    public static string? FromNul(ReadOnlyMemory<byte> bytes, Axis axis)
    {
        Split(bytes.Span, 0, cutsReturn: false, axis);
        return null;
    }

    /// <summary>Each element of a JSON array is an entry. Where all are single values they are kept as text.</summary>
    public static string? FromJson(ReadOnlyMemory<byte> bytes, Axis axis)
    {
        ArgumentNullException.ThrowIfNull(axis);
        try
        {
            using var document = JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                return $"holds {Kind(document.RootElement)}: it must be a JSON array, like [\"a\", {{\"x\": 1}}]";

            axis.Json = document.RootElement.EnumerateArray().Any(e => e.ValueKind is JsonValueKind.Object or JsonValueKind.Array);
            foreach (var element in document.RootElement.EnumerateArray())
                axis.Values.Add(axis.Json ? Compact(element) : element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());

            return null;
        }
        catch (JsonException e)
        {
            return $"is not JSON (line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1})";
        }
        catch (InvalidOperationException)
        {
            return "holds a text that is not UTF-8, or half of a character: JSON must be UTF-8";
        }
    }

    /// <summary>An entry is any bytes: also the name of a file that is not UTF-8.</summary>
    private static void Split(ReadOnlySpan<byte> rest, byte separator, bool cutsReturn, Axis axis)
    {
        ArgumentNullException.ThrowIfNull(axis);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf(separator);
            var part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            axis.Values.Add(RawText.FromBytes(cutsReturn && part.EndsWith("\r"u8) ? part[..^1] : part));
        }
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        _ => "a single value",
    };

    private static string Compact(JsonElement element)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
            element.WriteTo(json);

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}

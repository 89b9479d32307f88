using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Artel.Protocol.Maps;

/// <summary>Values of a map as JSON, by YAML's core schema: what is written without quotes may be a number, a truth value or nothing.</summary>
internal static class MapJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A number or truth value, not a text.</summary>
    public static bool IsTyped(MapNode node) => node is MapScalar { IsPlain: true } scalar && (scalar.AsBool is not null || IsNumber(scalar.Text));

    public static string Write(MapNode node)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
            Write(node, json);

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(MapNode node, Utf8JsonWriter json)
    {
        switch (node)
        {
            case MapList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    Write(item, json);
                json.WriteEndArray();
                break;
            case MapTable table:
                json.WriteStartObject();
                foreach (var (key, value) in table.Entries)
                {
                    json.WritePropertyName(key.Text);
                    Write(value, json);
                }

                json.WriteEndObject();
                break;
            case MapScalar { IsNull: true }:
                json.WriteNullValue();
                break;
            case MapScalar { AsBool: { } truth }:
                json.WriteBooleanValue(truth);
                break;
            case MapScalar scalar when IsTyped(scalar):
                json.WriteRawValue(scalar.Text);
                break;
            default:
                json.WriteStringValue(((MapScalar)node).Text);
                break;
        }
    }

    private static bool IsNumber(string text)
    {
        if (text.Length is 0 or > 400 || !(char.IsAsciiDigit(text[0]) || text[0] == '-'))
            return false;

        // By hand: a reader of JSON tells by an exception what is no number, which costs a thousand times as much.
        var rest = text.AsSpan(text[0] == '-' ? 1 : 0);
        var whole = Digits(rest);
        if (whole == 0 || (whole > 1 && rest[0] == '0'))
            return false;

        rest = rest[whole..];
        if (rest is ['.', ..])
        {
            var fraction = Digits(rest[1..]);
            if (fraction == 0)
                return false;

            rest = rest[(fraction + 1)..];
        }

        if (rest is ['e' or 'E', ..])
        {
            rest = rest[(rest.Length > 1 && rest[1] is '+' or '-' ? 2 : 1)..];
            var exponent = Digits(rest);
            return exponent > 0 && exponent == rest.Length;
        }

        return rest.IsEmpty;
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Artel.Protocol.Maps;
using NJsonSchema;

namespace Artel.Protocol.Tests.Maps;

/// <summary>The published schema, and maps as it sees them: as JSON values.</summary>
internal static class MapSchema
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(Map.Repository, "docs", "map.schema.json"));

    public static async Task<IReadOnlyList<string>> Mistakes(string map, CancellationToken cancellation)
    {
        // The validator knows the older word for the same thing.
        var schema = await JsonSchema.FromJsonAsync(Text.Replace("$defs", "definitions", StringComparison.Ordinal), cancellation);
        return [.. schema.Validate(ToJson(map)).Select(error => error.ToString())];
    }

    private static string ToJson(string map)
    {
        var log = new MistakeLog("map");
        var tree = new MapTreeReader(log).Read(map);
        Assert.Empty(log.InOrder());
        return ToJson(tree!)?.ToJsonString() ?? "null";
    }

    // As YAML's core schema does it: what is written without quotes may be a number, a truth value or nothing.
    private static JsonNode? ToJson(MapNode node)
    {
        switch (node)
        {
            case MapList list:
                return new JsonArray([.. list.Items.Select(ToJson)]);
            case MapTable table:
                return new JsonObject(table.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, ToJson(entry.Value))));
            case MapScalar { IsNull: true }:
                return null;
            case MapScalar { AsBool: { } truth }:
                return JsonValue.Create(truth);
            case MapScalar { IsPlain: true } plain when IsJsonNumber(plain.Text):
                return JsonNode.Parse(plain.Text);
            default:
                return JsonValue.Create(((MapScalar)node).Text);
        }
    }

    private static bool IsJsonNumber(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonValue value && value.GetValueKind() == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

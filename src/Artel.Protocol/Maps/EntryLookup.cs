using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Answers which entry is at a position of a template with axes: the position in mixed radix, a digit per axis. Immutable.</summary>
public sealed class EntryLookup
{
    // As it is read by people: 'é' and '<' stay what they are.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Axis[] _axes;
    private readonly IndexLookup?[] _numbers;

    /// <param name="template">One that the rules find nothing wrong with.</param>
    public EntryLookup(TaskTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        _axes = [.. template.Axes];
        _numbers = [.. _axes.Select(a => a.Indices is { } indices ? new IndexLookup(indices) : null)];
        AreJson = EntryAxes.AreJson(template);
        Count = EntryAxes.Count(template);
    }

    public long Count { get; }

    public bool AreJson { get; }

    /// <summary>The entry at a position from 0.</summary>
    public TaskEntry At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Count);
        return new TaskEntry(_axes.Length == 1 && _axes[0].Name.Length == 0 ? Value(0, position) : Combination(position), AreJson);
    }

    private string Combination(long position)
    {
        // The last axis changes fastest; a linked one has the digit of the one before it.
        var digits = new long[_axes.Length];
        var rest = position;
        for (var last = _axes.Length - 1; last >= 0;)
        {
            var first = last;
            while (_axes[first].Linked)
                first--;

            var length = EntryAxes.Length(_axes[first]);
            Array.Fill(digits, rest % length, first, last - first + 1);
            rest /= length;
            last = first - 1;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            for (var a = 0; a < _axes.Length; a++)
            {
                json.WritePropertyName(_axes[a].Name);
                if (_axes[a].Json || _numbers[a] is not null)
                    json.WriteRawValue(Value(a, digits[a]));
                else
                    json.WriteStringValue(Value(a, digits[a]));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private string Value(int axis, long digit) =>
        _numbers[axis] is { } numbers ? numbers.At(digit).ToString(System.Globalization.CultureInfo.InvariantCulture) : _axes[axis].Values[(int)digit];
}

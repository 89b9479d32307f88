using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Google.Protobuf;

namespace Artel.Testing;

/// <summary>A span as it was received.</summary>
/// <param name="Parent">Empty: it is the first of its trace.</param>
/// <param name="Links">Span ids that it refers to.</param>
public sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Links, int Status);

/// <summary>A real receiver of OTLP over HTTP on loopback: reads what OpenTelemetry's own exporter sends, as far as tests look at it.</summary>
public sealed class OtlpReceiver : IDisposable
{
    private readonly ConcurrentQueue<ReceivedSpan> _spans = [];
    private readonly ConcurrentDictionary<string, bool> _metrics = [];
    private readonly HttpListener _listener = new();
    private readonly string _address;

    public OtlpReceiver()
    {
        _address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HookListener.FreePort()}");
        _listener.Prefixes.Add(_address + "/");
        _listener.Start();
        _ = ListenAsync();
    }

    public IReadOnlyList<ReceivedSpan> Spans => [.. _spans];

    /// <summary>Names of all metrics that came.</summary>
    public IReadOnlyCollection<string> Metrics => [.. _metrics.Keys];

    /// <summary>What a server that is to send here finds in its environment.</summary>
    public Dictionary<string, string?> Variables => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    public void Dispose() => _listener.Close();

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                Take(context.Request.Url!.AbsolutePath, body.ToArray());
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    // opentelemetry-proto: resource_spans = 1, scope_spans = 2, spans = 2; resource_metrics = 1, scope_metrics = 2, metrics = 2, name = 1.
    private void Take(string path, byte[] body)
    {
        foreach (var scope in Messages(body, 1).SelectMany(r => Messages(r, 2)))
        {
            foreach (var item in Messages(scope, 2))
            {
                if (path == "/v1/traces")
                {
                    _spans.Enqueue(ReadSpan(item));
                }
                else
                {
                    _metrics[Messages(item, 1).Select(System.Text.Encoding.UTF8.GetString).First()] = true;
                }
            }
        }
    }

    private static ReceivedSpan ReadSpan(byte[] span)
    {
        var fields = Fields(span).ToLookup(f => f.Number);
        return new ReceivedSpan(
            Hex(1), Hex(2), Hex(4), System.Text.Encoding.UTF8.GetString(Bytes(5)), fields[7].First().Fixed, fields[8].First().Fixed,
            fields[9].Select(f => Attribute(f.Bytes)).ToDictionary(a => a.Key, a => a.Value),
            [.. fields[13].Select(f => Convert.ToHexStringLower(Messages(f.Bytes, 2).First()))],
            fields[15].SelectMany(f => Fields(f.Bytes)).Where(f => f.Number == 3).Select(f => (int)f.Fixed).FirstOrDefault());

        byte[] Bytes(int number) => fields[number].Select(f => f.Bytes).FirstOrDefault([]);
        string Hex(int number) => Convert.ToHexStringLower(Bytes(number));
    }

    /// <summary>A KeyValue: key = 1, value = 2 with string = 1 or int = 3.</summary>
    private static KeyValuePair<string, string> Attribute(byte[] pair)
    {
        var value = Fields(Messages(pair, 2).First()).First();
        return new(
            System.Text.Encoding.UTF8.GetString(Messages(pair, 1).First()),
            value.Number == 1 ? System.Text.Encoding.UTF8.GetString(value.Bytes) : value.Fixed.ToString(CultureInfo.InvariantCulture));
    }

    private static IEnumerable<byte[]> Messages(byte[] message, int number) => Fields(message).Where(f => f.Number == number).Select(f => f.Bytes);

    private static List<(int Number, byte[] Bytes, ulong Fixed)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[], ulong)>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            fields.Add(WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => (WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray(), 0),
                WireFormat.WireType.Fixed64 => (WireFormat.GetTagFieldNumber(tag), [], input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => (WireFormat.GetTagFieldNumber(tag), [], input.ReadFixed32()),
                _ => (WireFormat.GetTagFieldNumber(tag), [], input.ReadUInt64()),
            });
        }

        return fields;
    }
}

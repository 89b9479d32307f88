using System.Text.Json;
using Artel.Protocol.V1;
using Google.Protobuf.Reflection;

namespace Artel.Protocol.Maps;

/// <summary>
/// How much there is in a job, by kind. Counted in the bytes of a message or of JSON before anything is made of them: two bytes of a message can
/// become a kilobyte of objects.
/// </summary>
/// <param name="Templates">Tasks that are written out, and lists of nodes.</param>
/// <param name="Edges">Names in <c>after</c> and <c>after_each</c>.</param>
/// <param name="Values">Arguments, tags and values of entries.</param>
/// <param name="Pairs">Entries of tables: variables, labels, counters, limits.</param>
/// <param name="Ranges">Ranges of arrays and of exit statuses, and other small parts.</param>
/// <param name="DistinctTags">Different tags; 0 where only bytes were counted.</param>
public readonly record struct SubmissionSize(long Templates, long Edges, long Values, long Pairs, long Ranges, long DistinctTags = 0)
{
    /// <summary>Counts a job.</summary>
    public static SubmissionSize Of(JobSpec job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var size = new SubmissionSize(job.Sections.Count + job.Tasks.Count, 0, job.Tags.Count, job.Limits.Count, 0);
        var tags = new HashSet<string>(job.Tags, StringComparer.Ordinal);
        foreach (var section in job.Sections)
        {
            size = size with { Templates = size.Templates + section.Tasks.Count };
            foreach (var task in section.Tasks)
                size = size.With(task, tags);
        }

        foreach (var task in job.Tasks)
            size = size.With(task, tags);

        return size with { DistinctTags = tags.Count };
    }

    private SubmissionSize With(TaskTemplate task, HashSet<string> tags)
    {
        var (values, ranges) = (Values + task.Run.Count + task.Tags.Count, Ranges + (task.Array?.Ranges.Count ?? 0));
        foreach (var axis in task.Axes)
            (values, ranges) = (values + axis.Values.Count + 1, ranges + (axis.Indices?.Ranges.Count ?? 0));

        if (task.Retry is { } retry)
            ranges += (retry.RetryOn?.ExitStatuses.Count ?? 0) + (retry.NoRetryOn?.ExitStatuses.Count ?? 0);

        tags.UnionWith(task.Tags);
        var pairs = Pairs + task.Env.Count + task.Labels.Count + task.Prefer.Count + (task.Needs?.Counters.Count ?? 0);
        return this with { Edges = Edges + task.After.Count, Values = values, Pairs = pairs, Ranges = ranges };
    }

    /// <summary>
    /// Counts what the bytes of a message that holds a job would become. Stops at the first limit that is exceeded. Null: they are not such a message.
    /// </summary>
    public static SubmissionSize? OfMessage(ReadOnlySpan<byte> bytes, MessageDescriptor type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var size = default(SubmissionSize);
        return Count(bytes, type, ref size) || SubmissionLimits.Problem(size) is not null ? size : null;
    }

    /// <summary>Counts what JSON would become: by the names of lists and tables in it. Stops at the first limit that is exceeded, and where it is no JSON.</summary>
    public static SubmissionSize OfJson(ReadOnlySpan<byte> json)
    {
        var size = default(SubmissionSize);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        var kinds = new Kind[66];
        var next = Kind.Part;
        try
        {
            while (reader.Read() && SubmissionLimits.Problem(size) is null)
            {
                var inside = kinds[reader.CurrentDepth];
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        next = KindOf(ref reader);
                        if (inside == Kind.Pair)
                            size = size with { Pairs = size.Pairs + 1 };
                        break;
                    case JsonTokenType.StartArray:
                        kinds[reader.CurrentDepth + 1] = next;
                        break;
                    case JsonTokenType.StartObject:
                        size = size.Plus(inside);
                        kinds[reader.CurrentDepth + 1] = next == Kind.Pair ? Kind.Pair : Kind.None;
                        next = Kind.None;
                        break;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        break;
                    default:
                        size = size.Plus(inside == Kind.None || inside == Kind.Pair ? Kind.None : Kind.Value);
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // Parsing says what is wrong.
            return size;
        }

        return size;
    }

    private SubmissionSize Plus(Kind kind) => kind switch
    {
        Kind.Template => this with { Templates = Templates + 1 },
        Kind.Edge => this with { Edges = Edges + 1 },
        Kind.Value => this with { Values = Values + 1 },
        Kind.Part => this with { Ranges = Ranges + 1 },
        _ => this,
    };

    private static Kind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("tasks"u8) || reader.ValueTextEquals("sections"u8) ? Kind.Template
        : reader.ValueTextEquals("after"u8) ? Kind.Edge
        : reader.ValueTextEquals("env"u8) || reader.ValueTextEquals("labels"u8) || reader.ValueTextEquals("prefer"u8)
            || reader.ValueTextEquals("counters"u8) || reader.ValueTextEquals("limits"u8) ? Kind.Pair
        : reader.ValueTextEquals("run"u8) || reader.ValueTextEquals("tags"u8) || reader.ValueTextEquals("values"u8) ? Kind.Value
        : Kind.Part;

    /// <summary>False: a limit is exceeded, or the bytes are no message.</summary>
    private static bool Count(ReadOnlySpan<byte> bytes, MessageDescriptor type, ref SubmissionSize size)
    {
        while (!bytes.IsEmpty)
        {
            if (!TryVarint(ref bytes, out var tag))
                return false;

            // What the message does not define is kept nevertheless, at the price of an object.
            var field = type.FindFieldByNumber((int)Math.Min(tag >> 3, int.MaxValue));
            size = field is null ? size.Plus(Kind.Part) : size;
            switch (tag & 7)
            {
                case 0 when TryVarint(ref bytes, out _):
                    break;
                case 1 when bytes.Length >= 8:
                    bytes = bytes[8..];
                    break;
                case 5 when bytes.Length >= 4:
                    bytes = bytes[4..];
                    break;
                case 2 when TryVarint(ref bytes, out var length) && length <= (ulong)bytes.Length:
                    var inner = bytes[..(int)length];
                    bytes = bytes[(int)length..];
                    if (field is not null && !CountField(inner, field, ref size))
                        return false;
                    break;
                default:
                    return false;
            }

            if (SubmissionLimits.Problem(size) is not null)
                return false;
        }

        return true;
    }

    private static bool CountField(ReadOnlySpan<byte> bytes, FieldDescriptor field, ref SubmissionSize size)
    {
        if (field.FieldType != FieldType.Message)
        {
            size = field.IsRepeated ? size.Plus(Kind.Value) : size;
        }
        else if (field.IsMap)
        {
            size = size with { Pairs = size.Pairs + 1 };
        }
        else
        {
            var inner = field.MessageType;
            size = size.Plus(
                inner == TaskTemplate.Descriptor || inner == NodeSection.Descriptor ? Kind.Template
                : inner == Dependency.Descriptor ? Kind.Edge
                : field.IsRepeated ? Kind.Part
                : Kind.None);
            return Count(bytes, inner, ref size);
        }

        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private enum Kind
    {
        None,
        Template,
        Edge,
        Value,
        Pair,
        Part,
    }
}

using System.Collections;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Artel.Server.Tests.Properties;

/// <summary>
/// Messages of the right shape with values that nobody expects: bounds of every type, negative counts, times and durations out of range,
/// unknown enumeration values, texts that are long or hold control characters. Made from a message's descriptor, so that new fields are
/// tried by themselves. The same seed makes the same messages.
/// </summary>
internal sealed class WildMessages(Random random)
{
    private const int MaxDepth = 5;

    /// <summary>About how many bytes one message has at most.</summary>
    private const int MaxSize = 4 << 20;

    private static readonly long[] Longs =
        [0, 1, 2, 3, -1, 7, 100, 4096, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 40, 1L << 53, 253_402_300_799, 253_402_300_800, -62_135_596_801, long.MaxValue, long.MinValue];

    private static readonly double[] Doubles = [0, 1, -1, 0.5, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon];

    private static readonly string[] Texts =
        ["", "a", "1", "bad", "succeeded", "every 10m", "*/5 * * * *", "@hourly", "Europe/Prague", "../..", "\0", "a\nb", "\u001b[31mred", "ж🦀", "‮", "{index}", "{entry}", "-x", "x=y", "*", "%"];

    private int _left;

    /// <summary>Leases that exist, which most messages name.</summary>
    public IReadOnlyList<Lease> Leases { get; set; } = [];

    public bool Chance(double part) => random.NextDouble() < part;

    public T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    public T Make<T>()
        where T : IMessage<T>, new() => (T)Make(new T().Descriptor);

    public IMessage Make(MessageDescriptor descriptor)
    {
        _left = MaxSize;
        return Make(descriptor, 0);
    }

    private IMessage Make(MessageDescriptor descriptor, int depth)
    {
        _left -= 16;
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        if (Leases.Count > 0 && Chance(0.7))
        {
            switch (message)
            {
                case Lease:
                    return Pick(Leases).Clone();
                case LeaseRange:
                    var lease = Pick(Leases);
                    return new LeaseRange { Epoch = lease.Epoch, FirstSequence = lease.Sequence, Count = Chance(0.8) ? 1 : Int() };
                default:
                    break;
            }
        }

        foreach (var field in descriptor.Fields.InDeclarationOrder())
        {
            if (!Chance(0.6) || (field.FieldType == FieldType.Message && depth >= MaxDepth))
            {
                continue;
            }

            if (field.IsMap)
            {
                var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
                var map = (IDictionary)field.Accessor.GetValue(message);
                for (var i = Count(); i > 0 && _left > 0; i--)
                {
                    map[Value(key, depth)] = Value(value, depth);
                }
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                for (var i = Count(); i > 0 && _left > 0; i--)
                {
                    list.Add(Value(field, depth));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        return message;
    }

    private int Count() => Chance(0.01) ? random.Next(2000) : random.Next(4);

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message => Make(field.MessageType, depth + 1),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, Chance(0.7) ? field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number : Int()),
        FieldType.Bool => Chance(0.5),
        FieldType.String => Text(),
        FieldType.Bytes => ByteString.CopyFrom(new byte[Chance(0.02) ? random.Next(100_000) : random.Next(3000)]),
        FieldType.Double => Pick(Doubles),
        FieldType.Float => (float)Pick(Doubles),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Int(),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Long()),
        FieldType.UInt64 or FieldType.Fixed64 => unchecked((ulong)Long()),
        _ => Long(),
    };

    private string Text()
    {
        var text = Chance(0.01) ? new string('x', random.Next(2_000_000))
            : Chance(0.05) ? new string('ж', random.Next(5000))
            : Pick(Texts);
        _left -= text.Length;
        return _left > 0 ? text : "";
    }

    private int Int() => unchecked((int)Long());

    private long Long() => Chance(0.8) ? Pick(Longs) : random.NextInt64(long.MinValue, long.MaxValue);
}

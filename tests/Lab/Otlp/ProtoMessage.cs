using System.Buffers.Binary;
using System.Text;

namespace Appliance.Tests.Lab.Otlp;

/// <summary>A Protocol Buffers message, field by field: as much as it takes to see what a collector is told.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, object Value)> _fields = [];

    public ProtoMessage(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var key = Varint(ref bytes);
            switch (key & 7)
            {
                case 0:
                    _fields.Add(((int)(key >> 3), Varint(ref bytes)));
                    break;
                case 1:
                    _fields.Add(((int)(key >> 3), BinaryPrimitives.ReadUInt64LittleEndian(bytes)));
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    _fields.Add(((int)(key >> 3), bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add(((int)(key >> 3), (ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes)));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }
        }
    }

    /// <summary>The messages at the end of a path of fields.</summary>
    public IEnumerable<ProtoMessage> All(params ReadOnlySpan<int> path)
    {
        IEnumerable<ProtoMessage> found = [this];
        foreach (var field in path)
        {
            found = found.SelectMany(m => m.Values<byte[]>(field)).Select(bytes => new ProtoMessage(bytes)).ToList();
        }
        return found;
    }

    public string Text(int field) => Values<byte[]>(field).Select(Encoding.UTF8.GetString).FirstOrDefault(string.Empty);

    public string Hex(int field) => Values<byte[]>(field).Select(Convert.ToHexString).FirstOrDefault(string.Empty);

    public ulong Number(int field) => Values<ulong>(field).FirstOrDefault();

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    private IEnumerable<T> Values<T>(int field) => _fields.Where(f => f.Field == field).Select(f => f.Value).OfType<T>();

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Net;
using Appliance.Packets;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>
/// A file that is laid out like the kernel's ring, with records as the gateway's programs write them, for the real
/// <see cref="RingLog"/>. It does not wrap: a test writes less than it holds.
/// </summary>
internal sealed class MemoryRing : IDisposable
{
    private const int HeaderBytes = 8;

    private readonly string _path = Path.GetTempFileName();
    private readonly SafeFileHandle _file;
    private readonly int _size;
    private long _produced;

    public MemoryRing(int size = 64 << 10)
    {
        _size = size;
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(_file, (2 * Environment.SystemPageSize) + (2 * size));
        Log = new RingLog((int)_file.DangerousGetHandle(), (ulong)size, "records");
    }

    public RingLog Log { get; }

    /// <summary>A flow begins.</summary>
    public void Open(in FlowKey key, in Handshake handshake, ulong ns) =>
        Write(RecordKind.Open, key, handshake.ClientIsn, 0, 0, TcpFlags.Ack, owed: 0, ns, MemoryMarshal.AsBytes(new ReadOnlySpan<Handshake>(in handshake)));

    /// <summary>Bytes of a flow.</summary>
    /// <param name="isIntact">False: the segment's checksum asks for other bytes.</param>
    public void Data(in FlowKey key, uint clientIsn, uint seq, uint ack, bool fin, ReadOnlySpan<byte> payload, ulong ns, bool isIntact = true)
    {
        var sum = InternetChecksum.FoldUncomplemented(InternetChecksum.Add(0, payload));
        Write(
            RecordKind.Data, key, clientIsn, seq, ack, TcpFlags.Ack | (fin ? TcpFlags.Fin : TcpFlags.None),
            BinaryPrimitives.ReverseEndianness((ushort)(isIntact ? sum : sum + 1)), ns, payload);
    }

    /// <summary>A datagram.</summary>
    public void Datagram(in FlowKey key, uint number, ReadOnlySpan<byte> payload, ulong ns) =>
        Write(RecordKind.Datagram, key, 0, number, 0, TcpFlags.None, owed: 0, ns, payload);

    public void Dispose()
    {
        Log.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }

    private void Write(
        RecordKind kind, in FlowKey key, uint clientIsn, uint seq, uint ack, TcpFlags flags, ushort owed, ulong ns, ReadOnlySpan<byte> payload)
    {
        var length = Record.PayloadOffset + payload.Length;
        var bytes = new byte[(HeaderBytes + length + 7) & ~7];
        var record = bytes.AsSpan(HeaderBytes);
        BitConverter.TryWriteBytes(bytes, (uint)length);
        BitConverter.TryWriteBytes(record, (uint)kind);
        BitConverter.TryWriteBytes(record[4..], (uint)payload.Length);
        BitConverter.TryWriteBytes(record[8..], ns);
        MemoryMarshal.Write(record[16..], in key);
        BitConverter.TryWriteBytes(record[52..], clientIsn);
        BitConverter.TryWriteBytes(record[56..], seq);
        BitConverter.TryWriteBytes(record[60..], ack);
        BitConverter.TryWriteBytes(record[64..], (uint)flags);
        BitConverter.TryWriteBytes(record[70..], owed);
        payload.CopyTo(record[Record.PayloadOffset..]);
        Assert.IsLessThanOrEqualTo(_size, _produced + bytes.Length, "the test writes more than its ring holds");
        RandomAccess.Write(_file, bytes, (2 * Environment.SystemPageSize) + _produced);
        _produced += bytes.Length;
        RandomAccess.Write(_file, BitConverter.GetBytes(_produced), Environment.SystemPageSize);
    }
}

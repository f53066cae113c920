namespace Appliance.Savefiles;

/// <summary>
/// Writes a savefile with nanosecond times, in the machine's byte order: the format of tcpdump and Wireshark, made by libpcap.
/// </summary>
public sealed unsafe class SavefileWriter : IDisposable
{
    /// <summary>Most bytes of one packet; what tcpdump uses.</summary>
    public const int SnapLength = 262_144;

    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly PcapHandle _pcap;
    private readonly StreamFile _file;
    private readonly DumpHandle _dump;

    /// <summary>Begins a file. The stream stays open.</summary>
    /// <exception cref="DllNotFoundException">libpcap is not installed.</exception>
    public SavefileWriter(Stream stream, LinkType linkType)
    {
        _pcap = LibPcap.OpenDead((int)linkType, SnapLength, LibPcap.Nanoseconds);
        _dump = LibPcap.DumpOpen(_pcap, StreamFile.Open(stream, "w", out _file));
        if (_dump.IsInvalid)
        {
            throw new InvalidOperationException($"pcap_dump_fopen: {SavefileReader.ErrorOf(_pcap)}");
        }
    }

    /// <summary>Packets written.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes that have reached the stream; all of them after <see cref="Flush"/>.</summary>
    public long Bytes => _file.Bytes;

    /// <summary>Adds a packet.</summary>
    /// <param name="unixNs">Its time, nanoseconds since 1970.</param>
    /// <param name="packet">What was captured of it.</param>
    /// <param name="originalLength">Its length on the wire; null when all was captured.</param>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Write(long unixNs, ReadOnlySpan<byte> packet, int? originalLength = null)
    {
        var (seconds, nanoseconds) = Math.DivRem(unixNs, NanosecondsPerSecond);
        var header = new LibPcap.PacketHeader
        {
            Seconds = seconds,
            Nanoseconds = nanoseconds,
            CapturedLength = (uint)packet.Length,
            Length = (uint)(originalLength ?? packet.Length),
        };
        fixed (byte* data = packet)
        {
            LibPcap.Dump(_dump, &header, data);
        }

        _file.ThrowIfFailed();
        Packets++;
    }

    /// <summary>Passes everything on to the stream.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Flush()
    {
        var result = LibPcap.DumpFlush(_dump);
        _file.ThrowIfFailed();
        if (result != 0)
        {
            throw new IOException("The savefile could not be written.");
        }
    }

    /// <summary>Ends the file. Call <see cref="Flush"/> before, which tells errors.</summary>
    public void Dispose()
    {
        _dump.Dispose();
        _pcap.Dispose();
    }
}

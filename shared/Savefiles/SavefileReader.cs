using System.Runtime.InteropServices;

namespace Appliance.Savefiles;

/// <summary>Reads savefiles of any kind that libpcap knows: pcap in either byte order and precision, pcapng.</summary>
public sealed unsafe class SavefileReader : IDisposable
{
    private const int EndOfFile = -2;
    private const string Remedy = "record it anew with tcpdump -w or appliance record --write";

    private readonly string _name;
    private readonly Stream? _owned;
    private readonly StreamFile _file;
    private readonly PcapHandle _pcap;
    private long _packets;

    /// <summary>Reads from a stream, which stays open.</summary>
    /// <param name="stream">Read synchronously, and a little ahead.</param>
    /// <param name="name">For errors.</param>
    /// <exception cref="SavefileException">It does not begin like a savefile.</exception>
    /// <exception cref="DllNotFoundException">libpcap is not installed.</exception>
    public SavefileReader(Stream stream, string name)
    {
        _name = name;
        var file = StreamFile.Open(stream, "r", out _file);
        var error = stackalloc byte[LibPcap.ErrorLength];
        try
        {
            _pcap = LibPcap.OpenOffline(file, LibPcap.Nanoseconds, error);
        }
        catch (DllNotFoundException)
        {
            _ = LibPcap.CloseFile(file);
            throw;
        }

        if (_pcap.IsInvalid)
        {
            _ = LibPcap.CloseFile(file);
            throw BadBeginning(Marshal.PtrToStringUTF8((nint)error)!);
        }
    }

    private SavefileReader(FileStream stream)
        : this(stream, stream.Name) => _owned = stream;

    /// <summary>What the packets begin with. It may be a kind that <see cref="LinkType"/> has no name for.</summary>
    public LinkType LinkType => (LinkType)LibPcap.DataLink(_pcap);

    /// <summary>Opens a file.</summary>
    /// <exception cref="SavefileException">It does not exist, or does not begin like a savefile.</exception>
    public static SavefileReader Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = File.OpenRead(path);
            return new SavefileReader(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SavefileException(path, exception.Message, 0, 0, exception);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next packet; false at the end.</summary>
    /// <exception cref="SavefileException">The file is cut off or damaged here, or cannot be read; the packets before are good.</exception>
    public bool TryRead(out SavefilePacket packet)
    {
        LibPcap.PacketHeader* header;
        byte* data;
        switch (LibPcap.Next(_pcap, &header, &data))
        {
            case 1:
                _packets++;
                packet = new SavefilePacket(
                    (header->Seconds * 1_000_000_000) + header->Nanoseconds,
                    (int)Math.Min(header->Length, int.MaxValue),
                    new ReadOnlySpan<byte>(data, (int)header->CapturedLength));
                return true;
            case EndOfFile:
                packet = default;
                return false;
            default:
                throw BadPacket();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pcap.Dispose();
        _owned?.Dispose();
    }

    internal static string ErrorOf(PcapHandle pcap) => Marshal.PtrToStringUTF8(LibPcap.Error(pcap)) ?? "unknown error";

    private SavefileException BadBeginning(string error) => _file switch
    {
        { Failure: { } failure } => Exception(failure.Message, failure),
        { HasEnded: true, Bytes: 0 } => Exception($"is empty: whoever was to write it never began; {Remedy}"),
        { HasEnded: true } when error.Contains("truncated", StringComparison.Ordinal) =>
            Exception($"is no savefile, or cut off in its first bytes: it has only {_file.Bytes}; {Remedy}"),
        _ => Exception($"is no savefile ({error}); {Remedy}"),
    };

    private SavefileException BadPacket() => _file switch
    {
        { Failure: { } failure } => Exception(failure.Message, failure),
        { HasEnded: true } => Exception(
            $"is cut off in packet {_packets + 1}, at byte {_file.Bytes}: its writer was interrupted; the {_packets} packets before are good"),
        _ => Exception($"is damaged in packet {_packets + 1}, before byte {_file.Bytes} ({ErrorOf(_pcap)}); the {_packets} packets before are good"),
    };

    private SavefileException Exception(string reason, Exception? inner = null) => new(_name, reason, _packets, _file.Bytes, inner);
}

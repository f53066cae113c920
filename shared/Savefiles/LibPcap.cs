using System.Reflection;
using System.Runtime.InteropServices;

namespace Appliance.Savefiles;

/// <summary>
/// libpcap 1.9 or later (Debian <c>libpcap0.8</c>), function for function, and the C library's FILE that it reads from and writes
/// to. A handle that is given a FILE closes it.
/// </summary>
internal static unsafe partial class LibPcap
{
    /// <summary>PCAP_ERRBUF_SIZE.</summary>
    public const int ErrorLength = 256;

    /// <summary>PCAP_TSTAMP_PRECISION_NANO.</summary>
    public const int Nanoseconds = 1;

    private const string Library = "libpcap";

    static LibPcap() => NativeLibrary.SetDllImportResolver(typeof(LibPcap).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "pcap_open_dead_with_tstamp_precision")]
    public static partial PcapHandle OpenDead(int linkType, int snapLength, uint precision);

    [LibraryImport(Library, EntryPoint = "pcap_fopen_offline_with_tstamp_precision")]
    public static partial PcapHandle OpenOffline(nint file, uint precision, byte* error);

    [LibraryImport(Library, EntryPoint = "pcap_close")]
    public static partial void Close(nint pcap);

    [LibraryImport(Library, EntryPoint = "pcap_datalink")]
    public static partial int DataLink(PcapHandle pcap);

    [LibraryImport(Library, EntryPoint = "pcap_next_ex")]
    public static partial int Next(PcapHandle pcap, PacketHeader** header, byte** data);

    [LibraryImport(Library, EntryPoint = "pcap_geterr")]
    public static partial nint Error(PcapHandle pcap);

    [LibraryImport(Library, EntryPoint = "pcap_dump_fopen")]
    public static partial DumpHandle DumpOpen(PcapHandle pcap, nint file);

    [LibraryImport(Library, EntryPoint = "pcap_dump")]
    public static partial void Dump(DumpHandle dump, PacketHeader* header, byte* data);

    [LibraryImport(Library, EntryPoint = "pcap_dump_flush")]
    public static partial int DumpFlush(DumpHandle dump);

    [LibraryImport(Library, EntryPoint = "pcap_dump_close")]
    public static partial void DumpClose(nint dump);

    [LibraryImport("libc", EntryPoint = "fopencookie", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenCookie(nint cookie, string mode, FileFunctions functions);

    [LibraryImport("libc", EntryPoint = "fclose")]
    public static partial int CloseFile(nint file);

    /// <summary>Debian keeps the name that the library had before its makers numbered it.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return nint.Zero;
        }

        foreach (var candidate in (ReadOnlySpan<string>)["libpcap.so.0.8", "libpcap.so.1"])
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException("libpcap is missing: apt-get install libpcap0.8");
    }

    /// <summary>struct pcap_pkthdr of 64-bit systems; the handles here count nanoseconds where it says microseconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PacketHeader
    {
        public long Seconds;
        public long Nanoseconds;
        public uint CapturedLength;
        public uint Length;
    }

    /// <summary>cookie_io_functions_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileFunctions
    {
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint> Read;
        public delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint> Write;
        public delegate* unmanaged[Cdecl]<nint, long*, int, int> Seek;
        public delegate* unmanaged[Cdecl]<nint, int> Close;
    }
}

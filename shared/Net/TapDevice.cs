using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Net;

/// <summary>
/// A TAP interface through which frames are injected into the node's own stack, and nothing else: what the stack transmits to it
/// is dropped inside the kernel. It exists as long as this object (no TUNSETPERSIST): a process that dies takes it along.
/// </summary>
/// <remarks>
/// The IPv6 side is up, as IPv6 frames are injected too, but without address autoconfiguration, so it sends and claims nothing.
/// Its reverse-path filter is off, since clients' packets do not come from where their routes lead. The kernel applies the
/// greater of this and <c>net.ipv4.conf.all.rp_filter</c>, and even the loose filter (2) drops everything on an interface without
/// an IPv4 address (no_addr in __fib_validate_source(), net/ipv4/fib_frontend.c): "all" must be 0. The owner of the node's
/// settings sees to that; while it is not, <see cref="Remedies"/> asks for it.
/// </remarks>
public sealed unsafe class TapDevice : IDisposable
{
    /// <summary>Bytes of an MTU that no frame exceeds: MAX_MTU − ETH_HLEN in drivers/net/tun.c.</summary>
    private const int Mtu = 65535 - 14;

    private const string Device = "/dev/net/tun";
    private const int InterfaceNameBytes = 16; // IFNAMSIZ
    private const int InterfaceRequestBytes = 40; // struct ifreq
    private const int VirtioHeaderBytes = 12; // struct virtio_net_hdr_mrg_rxbuf
    private const byte NeedsChecksum = 1; // VIRTIO_NET_HDR_F_NEEDS_CSUM
    private const ushort IFF_TAP = 0x0002;
    private const ushort IFF_NO_PI = 0x1000;
    private const ushort IFF_VNET_HDR = 0x4000;
    private const nuint TUNSETIFF = 0x400454ca;
    private const nuint TUNSETTXFILTER = 0x400454d1;
    private const nuint TUNSETVNETHDRSZ = 0x400454d8;

    /// <summary>The setting that has to be 0 wherever one of these is.</summary>
    public const string FilterOfAll = "net.ipv4.conf.all.rp_filter";

    private readonly FileDescriptorHandle _device;

    private TapDevice(FileDescriptorHandle device, LinkInfo link, IReadOnlyList<string> remedies)
    {
        _device = device;
        Name = link.Name;
        InterfaceIndex = link.Index;
        Mac = link.Mac;
        Remedies = remedies;
    }

    /// <summary>The name the kernel gave it.</summary>
    public string Name { get; }

    /// <summary>Kernel index of the interface.</summary>
    public int InterfaceIndex { get; }

    /// <summary>Its MAC: the destination an injected frame needs for the stack to take it as its own.</summary>
    public PhysicalAddress Mac { get; }

    /// <summary>Kernel settings that stood in its way when it was created, as for <see cref="SysctlScope.Remedies"/>.</summary>
    public IReadOnlyList<string> Remedies { get; }

    /// <summary>May this process open the device that makes them?</summary>
    public static bool IsAllowed
    {
        get
        {
            using var device = new FileDescriptorHandle(LibC.Open(Device, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC));
            return !device.IsInvalid;
        }
    }

    /// <summary>Creates the interface in the calling thread's network namespace and brings it up.</summary>
    /// <param name="namePattern">A fixed name, or one with <c>%d</c> for the first free number; at most 15 bytes.</param>
    /// <param name="netlink">A socket of the same namespace.</param>
    /// <exception cref="IOException">No /dev/net/tun, no CAP_NET_ADMIN, or the name is taken.</exception>
    public static TapDevice Create(string namePattern, RtNetlink netlink)
    {
        var device = new FileDescriptorHandle(LibC.Open(Device, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC));
        try
        {
            Check(device.IsInvalid ? -1 : 0, $"open {Device}");
            var name = Attach(device, namePattern);
            var link = netlink.FindLink(name) ?? throw new IOException($"TAP interface {name} vanished while it was set up.");
            var remedies = Configure(name);
            netlink.SetLinkMtu(link.Index, Mtu);
            netlink.SetLinkUp(link.Index, up: true);
            return new TapDevice(device, link, remedies);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Injects one Ethernet frame of up to 64 KiB and headers, as if it had been received. Thread-safe; never blocks and copies
    /// nothing in user space.
    /// </summary>
    /// <param name="frame">The frame. Its transport checksum is taken for verified, whatever stands there.</param>
    /// <param name="checksumStart">Offset of the transport header from the start of the frame, in bytes.</param>
    /// <param name="checksumOffset">Offset of the checksum field in the transport header: 16 for TCP, 6 for UDP.</param>
    /// <remarks>
    /// NEEDS_CSUM becomes CHECKSUM_PARTIAL (virtio_net_hdr_to_skb()), which receivers take for valid
    /// (skb_csum_unnecessary()). The header is in host byte order, the legacy format that tun.c defaults to.
    /// </remarks>
    public FrameOutcome Write(ReadOnlySpan<byte> frame, int checksumStart, int checksumOffset)
    {
        // struct virtio_net_hdr_mrg_rxbuf: u8 flags, u8 GSO type, u16 header length, GSO size, checksum start and offset, buffers
        var header = stackalloc ushort[VirtioHeaderBytes / 2];
        new Span<byte>(header, VirtioHeaderBytes).Clear();
        *(byte*)header = NeedsChecksum;
        header[3] = (ushort)checksumStart;
        header[4] = (ushort)checksumOffset;
        fixed (byte* bytes = frame)
        {
            var vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector((byte*)header, VirtioHeaderBytes);
            vectors[1] = new IoVector(bytes, frame.Length);
            while (LibC.WriteVector(_device, vectors, 2) < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                {
                    return FrameOutcomes.FromErrno(errno);
                }
            }
        }

        return FrameOutcome.Accepted;
    }

    /// <summary>Removes the interface.</summary>
    public void Dispose() => _device.Dispose();

    private static string Attach(FileDescriptorHandle device, string namePattern)
    {
        var request = stackalloc byte[InterfaceRequestBytes];
        var bytes = new Span<byte>(request, InterfaceRequestBytes);
        bytes.Clear();
        if (!Encoding.UTF8.TryGetBytes(namePattern, bytes[..(InterfaceNameBytes - 1)], out _))
        {
            throw new ArgumentException($"Interface name '{namePattern}' is longer than 15 bytes.", nameof(namePattern));
        }

        MemoryMarshal.Write(bytes[InterfaceNameBytes..], (ushort)(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
        Check(LibC.IoControl(device, TUNSETIFF, request), $"create TAP interface {namePattern}");
        var headerLength = VirtioHeaderBytes;
        Check(LibC.IoControl(device, TUNSETVNETHDRSZ, &headerLength), "set the TAP interface's virtio header length");

        // struct tun_filter: u16 flags, u16 count, then addresses. Only frames to a MAC nobody has would be queued for reading;
        // tun_net_xmit() drops all the others.
        var filter = stackalloc byte[10] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
        *(ushort*)(filter + 2) = 1;
        Check(LibC.IoControl(device, TUNSETTXFILTER, filter), "filter what the TAP interface would transmit");
        return Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }

    private static List<string> Configure(string name)
    {
        var settings = new SysctlScope(); // not disposed: the settings go with the interface
        settings.Set(Sysctl.ForInterface("ipv4", name, "rp_filter"), "0");
        settings.Set(Sysctl.ForInterface("ipv6", name, "accept_ra"), "0");
        settings.Set(Sysctl.ForInterface("ipv6", name, "addr_gen_mode"), "1"); // IN6_ADDR_GEN_MODE_NONE
        List<string> remedies = [.. settings.Remedies];
        if (Sysctl.Read(FilterOfAll, out var filter) == SysctlStatus.Ok && filter is not "0")
        {
            remedies.Add($"set {FilterOfAll}=0");
        }

        return remedies;
    }

    private static void Check(int result, string operation)
    {
        if (result < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            throw new IOException($"Could not {operation}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})");
        }
    }
}

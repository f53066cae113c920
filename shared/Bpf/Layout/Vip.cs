using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct vip: which ports of a protected address belong to a service.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Vip
{
    public uint Count;
    public RangeTable Ranges;

    /// <summary>Most ranges per address: MAX_RANGES.</summary>
    public const int MaxRanges = 16;

    /// <summary>struct port_range: inclusive, host byte order; protocol 0 stands for any.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PortRange
    {
        public ushort First;
        public ushort Last;
        public byte Protocol;
        public byte Service;

        /// <summary>Not 0: what has diverged is carried on.</summary>
        public byte Carries;

        /// <summary>Not 0: segments are delivered in the order in which they passed the gateway.</summary>
        public byte Delivery;

        /// <summary>How much of what both nodes say is compared.</summary>
        public Comparison Comparison;
        private readonly byte _reserved1;
        private readonly byte _reserved2;
        private readonly byte _reserved3;
    }

    /// <summary>The table itself.</summary>
    [InlineArray(MaxRanges)]
    public struct RangeTable
    {
        private PortRange _first;
    }
}

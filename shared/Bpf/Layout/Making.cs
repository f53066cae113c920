using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct making: replicas of a connection are being made on some nodes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Making
{
    /// <summary>Tells incarnations of the same ends apart; host byte order.</summary>
    public uint ClientIsn;

    /// <summary>Mask of the nodes.</summary>
    public uint Nodes;
}

using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct voice: which nodes are heard besides the active one.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Voice
{
    /// <summary>Tells incarnations of the same ends apart; host byte order.</summary>
    public uint ClientIsn;

    /// <summary>Mask of the nodes.</summary>
    public uint Nodes;

    /// <summary>What of theirs passes.</summary>
    public VoiceMode Mode;
    private readonly uint _reserved;
}

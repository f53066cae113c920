using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct consent: a replica has closed a connection at this place, or has none of it. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Consent
{
    public uint ClientIsn;

    /// <summary>Sequence number after the FIN; of a reset its own.</summary>
    public uint End;
}

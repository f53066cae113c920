using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct limit: how far a client may send while a replica lags. Sequence numbers in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Limit
{
    public uint ClientIsn;

    /// <summary>The windows that the client is shown do not reach beyond it.</summary>
    public uint Right;
}

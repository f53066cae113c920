using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary><c>struct iovec</c> of writev(2): one piece of a gathered write, pinned by the caller.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct IoVector(byte* start, int length)
{
    public readonly byte* Start = start;
    public readonly nuint Length = (nuint)length;
}

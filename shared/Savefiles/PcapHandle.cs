using Microsoft.Win32.SafeHandles;

namespace Appliance.Savefiles;

/// <summary>Owns a pcap_t, and the FILE that it reads from.</summary>
internal sealed class PcapHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibPcap.Close(handle);
        return true;
    }
}

using Microsoft.Win32.SafeHandles;

namespace Appliance.Savefiles;

/// <summary>Owns a pcap_dumper_t, and the FILE that it writes to.</summary>
internal sealed class DumpHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibPcap.DumpClose(handle);
        return true;
    }
}

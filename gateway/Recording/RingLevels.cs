namespace Appliance.Gateway.Recording;

/// <summary>From when on the store has to write what waits in the record ring.</summary>
public static class RingLevels
{
    /// <summary>How long a store stands still does not grow with the ring: beyond this it need not be warned earlier.</summary>
    private const ulong MostNotice = 192 << 20;

    /// <summary>How much room is left.</summary>
    /// <param name="waiting">Bytes that wait, or whose room was not given back.</param>
    /// <param name="size">Bytes of the ring.</param>
    public static RingRoom RoomOf(ulong waiting, ulong size)
    {
        // Rather than to hold clients back, what the store does not have yet is given up when half of the ring is taken.
        var half = size / 2;
        var notice = Math.Min(half / 4 * 3, MostNotice);
        return waiting > half ? RingRoom.Scarce
            : waiting > half - (notice / 3 * 2) ? RingRoom.Short
            : waiting > half - notice ? RingRoom.Needed
            : RingRoom.Ample;
    }
}

namespace Appliance.RepairChannel;

/// <summary>Who may send which frame, and how long its body may be.</summary>
internal static class FrameRules
{
    /// <summary>May this end send frames of this kind?</summary>
    public static bool IsFrom(ChannelRole sender, FrameKind kind) => sender == ChannelRole.Node
        ? kind is >= FrameKind.Progress and <= FrameKind.DatagramStanding
        : kind is >= FrameKind.Flow and <= FrameKind.Voice;

    /// <summary>Can a body of this kind be that long?</summary>
    public static bool Fits(FrameKind kind, int length) => kind switch
    {
        FrameKind.Progress => length % ProgressEntry.Length == 0,
        FrameKind.ScanDone => length == ScanDoneEntry.Length,
        FrameKind.Need => length % NeedEntry.Length == 0,
        FrameKind.Lost => length % LostEntry.Length == 0,
        FrameKind.DatagramProgress => length % DatagramProgressEntry.Length == 0,
        FrameKind.Repaired => length % RepairedEntry.Length == 0,
        FrameKind.DatagramStanding => length % DatagramStandingEntry.Length == 0,
        FrameKind.Flow => length % FlowEntry.Length == 0,
        FrameKind.Bytes => length >= BytesHeader.Length,
        FrameKind.Gone => length % GoneEntry.Length == 0,
        FrameKind.Position => length % PositionEntry.Length == 0,
        FrameKind.End => length % EndEntry.Length == 0,
        FrameKind.Datagram => length >= DatagramHeader.Length,
        FrameKind.Voice => length % VoiceEntry.Length == 0,
        _ => false,
    };
}

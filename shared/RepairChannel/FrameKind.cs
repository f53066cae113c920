namespace Appliance.RepairChannel;

/// <summary>What a frame carries; the values go over the wire. 16–31 go from node to gateway, 32–47 from gateway to node.</summary>
public enum FrameKind : byte
{
    /// <summary>Each end's first frame, without a body: proves the secret. Handlers never see it.</summary>
    Proof = 1,

    /// <summary>List of <see cref="ProgressEntry"/>.</summary>
    Progress = 16,

    /// <summary>One <see cref="ScanDoneEntry"/>.</summary>
    ScanDone = 17,

    /// <summary>List of <see cref="NeedEntry"/>.</summary>
    Need = 18,

    /// <summary>List of <see cref="LostEntry"/>.</summary>
    Lost = 19,

    /// <summary>List of <see cref="DatagramProgressEntry"/>.</summary>
    DatagramProgress = 20,

    /// <summary>List of <see cref="RepairedEntry"/>.</summary>
    Repaired = 21,

    /// <summary>List of <see cref="DatagramStandingEntry"/>.</summary>
    DatagramStanding = 22,

    /// <summary>List of <see cref="FlowEntry"/>.</summary>
    Flow = 32,

    /// <summary>A <see cref="BytesHeader"/> and the client's bytes.</summary>
    Bytes = 33,

    /// <summary>List of <see cref="GoneEntry"/>.</summary>
    Gone = 34,

    /// <summary>List of <see cref="PositionEntry"/>.</summary>
    Position = 35,

    /// <summary>List of <see cref="EndEntry"/>.</summary>
    End = 36,

    /// <summary>A <see cref="DatagramHeader"/> and the datagram's payload.</summary>
    Datagram = 37,

    /// <summary>List of <see cref="VoiceEntry"/>.</summary>
    Voice = 38,
}

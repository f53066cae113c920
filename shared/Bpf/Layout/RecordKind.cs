namespace Appliance.Bpf.Layout;

/// <summary>enum record_kind.</summary>
public enum RecordKind : uint
{
    /// <summary>A flow; the payload is its <see cref="Handshake"/>.</summary>
    Open,

    /// <summary>Bytes of a flow, or its FIN.</summary>
    Data,

    /// <summary>A datagram of a UDP flow; <see cref="Record.Seq"/> is its number.</summary>
    Datagram,

    /// <summary>A node's segment, its headers before its payload; in the ring <c>outputs</c>.</summary>
    Output,
}

namespace Appliance.RepairChannel;

/// <summary>What a piece of the client's bytes is; the values go over the wire.</summary>
[Flags]
public enum BytesFlags : byte
{
    None = 0,

    /// <summary>The client's FIN follows the piece's last byte.</summary>
    Fin = 1,

    /// <summary>Nothing more follows for this need.</summary>
    Last = 2,
}

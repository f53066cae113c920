using Appliance.Bpf.Layout;

namespace Appliance.Lab.Savefiles;

/// <summary>A client's side of one connection, put together from a savefile.</summary>
public sealed record RecordedStream
{
    /// <summary>The connection.</summary>
    public required FlowKey Flow { get; init; }

    /// <summary>Time of the SYN, or of the first segment, nanoseconds since 1970.</summary>
    public required long StartNs { get; init; }

    /// <summary>Does the file hold the connection's SYN or SYN-ACK? Otherwise offsets count from the lowest sequence number.</summary>
    public required bool HasBeginning { get; init; }

    /// <summary>The bytes, in order, without overlaps; holes are bytes that the file lacks.</summary>
    public required IReadOnlyList<StreamPiece> Pieces { get; init; }

    /// <summary>How the client ended; null when the file does not tell.</summary>
    public required StreamEnd? End { get; init; }

    /// <summary>Most of the server's bytes that the client acknowledged; the server's FIN counts as one.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>Bytes that came again with another content; the first copy won.</summary>
    public required long ConflictingBytes { get; init; }
}

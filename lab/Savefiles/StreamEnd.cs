namespace Appliance.Lab.Savefiles;

/// <summary>How the client ended its stream.</summary>
/// <param name="Offset">Bytes before it.</param>
/// <param name="IsReset">Reset, or closed in order?</param>
/// <param name="After">How many of the server's bytes the client had received.</param>
/// <param name="TimeNs">Nanoseconds since 1970.</param>
public sealed record StreamEnd(long Offset, bool IsReset, long After, long TimeNs);

namespace Appliance.RepairChannel;

/// <summary>
/// Takes an authentic frame, whose length fits its kind. <paramref name="body"/> is valid during the call only. The handler
/// may send, and may dispose of the session.
/// </summary>
public delegate void FrameHandler(FrameKind kind, ReadOnlySpan<byte> body);

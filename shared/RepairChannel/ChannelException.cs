namespace Appliance.RepairChannel;

/// <summary>A session is over; the message says with whom, why, and what to do. The caller disposes of the session.</summary>
public sealed class ChannelException(ChannelFault fault, string message) : Exception(message)
{
    /// <summary>The kind of end.</summary>
    public ChannelFault Fault { get; } = fault;
}

namespace Appliance.RepairChannel;

/// <summary>What may be set of a session.</summary>
public sealed record ChannelOptions
{
    private readonly int _backlogLimit = 8 << 20;

    /// <summary>The usual values.</summary>
    public static ChannelOptions Default { get; } = new();

    /// <summary>Most bytes that wait for the network, headers and MACs included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one frame of the greatest length.</exception>
    public int BacklogLimit
    {
        get => _backlogLimit;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, FrameHeader.MaxFrame);
            _backlogLimit = value;
        }
    }

    /// <summary>This program's start, Unix nanoseconds: tells the peer whether it speaks with the same run as before.</summary>
    public ulong Instance { get; init; } = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>How long the hello, and each frame from its first byte on, may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After this long without a sign of life the kernel gives the peer up; also when it does not read.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(2);
}

using System.Net;
using Appliance.Lab.Traffic.Content;
using Appliance.Lab.Traffic.Server;

namespace Appliance.Lab.Traffic.Client;

/// <summary>What traffic to make.</summary>
public sealed record TrafficClientOptions
{
    /// <summary>The most echo connections of one client.</summary>
    public const int MaxEchoConnections = 20_000;

    /// <summary>Echo messages per second that the default think time aims at.</summary>
    private const int DefaultMessageRate = 5_000;

    private static readonly TimeSpan s_leastThinkTime = TimeSpan.FromMilliseconds(20);

    /// <summary>The server, IPv4 or IPv6.</summary>
    public required IPAddress Target { get; init; }

    /// <summary>TCP port that echoes.</summary>
    public int EchoPort { get; init; } = TrafficServerOptions.DefaultEchoPort;

    /// <summary>TCP port of downloads and uploads.</summary>
    public int StreamPort { get; init; } = 7002;

    /// <summary>Echo connections, 0 to 20,000.</summary>
    public int EchoConnections { get; init; }

    /// <summary>
    /// Time from one message of a connection to its next, which waits for the echo and then for the connection's turn;
    /// null for about 5,000 messages per second over all connections, at least 20 ms.
    /// </summary>
    public TimeSpan? ThinkTime { get; init; }

    /// <summary>Bytes of an echo message.</summary>
    public int MessageSize { get; init; } = 64;

    /// <summary>Streams from the server.</summary>
    public int Downloads { get; init; }

    /// <summary>Streams to the server.</summary>
    public int Uploads { get; init; }

    /// <summary>Length of each stream in bytes.</summary>
    public long StreamBytes { get; init; } = 1L << 30;

    /// <summary>Limit of each stream in bytes per second; 0 for none.</summary>
    public long StreamRate { get; init; }

    /// <summary>Chooses all content.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Also compare the SHA-256 of every stream, taken at its far end.</summary>
    public bool Sha256 { get; init; }

    /// <summary>How long outstanding echoes may take once told to stop.</summary>
    public TimeSpan EchoFinishTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long streams may take once told to stop.</summary>
    public TimeSpan StreamFinishTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Echo connections being established at once.</summary>
    public int ConnectBatch { get; init; } = 200;

    /// <summary>Attempts to connect, each of at most 10 s.</summary>
    public int ConnectAttempts { get; init; } = 5;

    /// <summary>Every connection of the run.</summary>
    internal int TotalConnections => EchoConnections + Downloads + Uploads;

    /// <summary>The think time in force.</summary>
    internal TimeSpan EffectiveThinkTime =>
        ThinkTime ?? TimeSpan.FromSeconds(
            Math.Max((double)EchoConnections / DefaultMessageRate, s_leastThinkTime.TotalSeconds));

    /// <summary>Everything that is wrong with the options; empty if nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Require(EchoPort is > 0 and <= ushort.MaxValue, "the echo port must be 1 to 65535");
        Require(StreamPort is > 0 and <= ushort.MaxValue, "the stream port must be 1 to 65535");
        Require(EchoConnections is >= 0 and <= MaxEchoConnections, $"echo connections must be 0 to {MaxEchoConnections}");
        Require(ThinkTime is not { } time || time > TimeSpan.Zero, "the think time must be positive");
        Require(MessageSize is > 0 and <= EchoMessage.MaxSize, $"the message size must be 1 to {EchoMessage.MaxSize} bytes");
        Require(Downloads is >= 0 and <= 1000 && Uploads is >= 0 and <= 1000, "downloads and uploads must be 0 to 1000 each");
        Require(StreamBytes >= 0, "the stream length must not be negative");
        Require(StreamRate >= 0, "the stream rate must not be negative");
        Require(ConnectBatch > 0, "the connect batch must be positive");
        Require(ConnectAttempts > 0, "there must be at least one attempt to connect");
        Require(EchoConnections + Downloads + Uploads > 0, "there must be at least one connection");
        return errors;

        void Require(bool condition, string error)
        {
            if (!condition)
            {
                errors.Add(error);
            }
        }
    }
}

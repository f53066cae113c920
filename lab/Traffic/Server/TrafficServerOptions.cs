using System.Net;

namespace Appliance.Lab.Traffic.Server;

/// <summary>Where the traffic server listens.</summary>
public sealed record TrafficServerOptions
{
    /// <summary><see cref="EchoPort"/> unless it is said otherwise.</summary>
    public const int DefaultEchoPort = 7001;

    /// <summary>Local address; the IPv6 wildcard takes IPv4 too.</summary>
    public IPAddress Address { get; init; } = IPAddress.IPv6Any;

    /// <summary>TCP port that echoes.</summary>
    public int EchoPort { get; init; } = DefaultEchoPort;

    /// <summary>TCP port of downloads and uploads.</summary>
    public int StreamPort { get; init; } = 7002;

    /// <summary>Connections that may wait for accept on each port.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>Connections on both ports together, as far as the system allows; further ones wait.</summary>
    public int MaxConnections { get; init; } = 25_000;

    /// <summary>Streams served at once, each by a thread; further ones wait.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>The server is faulty: a bit of one byte in so many of its downloads is wrong; 0 for none.</summary>
    public long FlipEvery { get; init; }

    /// <summary>So begins a line on standard output for each download in which it has made a byte wrong, before the first such byte is sent.</summary>
    public const string FlippedLine = "flipped";
}

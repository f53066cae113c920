using System.Numerics;
using Appliance.Recording;

namespace Appliance.Configuration;

/// <summary>The gateway's recorder: section <c>recorder</c>. Every setting has a default, so the section may be absent.</summary>
public sealed record RecorderOptions
{
    /// <summary>What is kept.</summary>
    public required RecordPolicy Policy { get; init; }

    /// <summary>What happens when a replica falls behind.</summary>
    public required LagPolicy Lag { get; init; }

    /// <summary>Most bytes that one connection's window holds.</summary>
    public required long WindowBytes { get; init; }

    /// <summary>Most bytes that all windows hold together.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Size in bytes of the ring between the kernel and the recorder; a power of two.</summary>
    public required int RingBytes { get; init; }

    /// <summary>How long bytes wait for every replica's confirmation before they are written to the store; they are in the record ring meanwhile.</summary>
    public required TimeSpan WriteAfter { get; init; }

    /// <summary>Where recordings persist.</summary>
    public required StoreKind Store { get; init; }

    /// <summary>For <see cref="StoreKind.Redis"/>: servers and options, as StackExchange.Redis writes them; holds the password.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>For <see cref="StoreKind.Embedded"/>: the server's port on the loopback address; 0 takes any free one.</summary>
    public required int EmbeddedPort { get; init; }

    /// <summary>For <see cref="StoreKind.Embedded"/>: the directory with its files.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The first part of every key; tells appliances apart that share a server.</summary>
    public required string KeyPrefix { get; init; }

    /// <summary>How long keys outlive the gateway that stopped refreshing them.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>How long a server may take to answer before it counts as gone.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Reads section <c>recorder</c> of the gateway's file.</summary>
    public static RecorderOptions Read(ConfigNode root)
    {
        const long Mebi = 1L << 20;
        var node = root.Section("recorder", "what is kept of clients' bytes, and where");
        var (store, connection) = ReadStore(node);
        var options = new RecorderOptions
        {
            Policy = node.Choice("policy", "what is kept: unconfirmed what a replica has not confirmed; window the last windowBytes of each connection; full everything: a node that joins then replays open connections from their first byte", "unconfirmed", "unconfirmed", "window", "full") switch
            {
                "window" => RecordPolicy.Window,
                "full" => RecordPolicy.Full,
                _ => RecordPolicy.Unconfirmed,
            },
            Lag = node.Choice("lag", "when a replica lags: protect holds the client back, bestEffort gives the connection up as unprotected", "protect", "protect", "bestEffort") == "protect" ? LagPolicy.Protect : LagPolicy.BestEffort,
            WindowBytes = node.Size("windowBytes", "bound of one connection's window; under lag: protect also the widest window that a client is shown, and a client may have twice as much in the record; of a client that hears several nodes, half of memoryBytes while one of them stands still. With policy: full only memoryBytes bounds it", 16 * Mebi, Mebi / 16, 1024 * Mebi),
            MemoryBytes = node.Size("memoryBytes", "bound of all windows together; a lagging replica of one upload at full speed may need 32MiB of it", 512 * Mebi, 16 * Mebi, 1024 * 1024 * Mebi),
            RingBytes = (int)node.Size("ringBytes", "record ring between kernel and recorder, a power of two: what clients send during a restart has to fit", 64 * Mebi, Mebi, 1024 * Mebi),
            WriteAfter = node.Duration("writeAfter", "how long bytes wait for every replica's confirmation before they are written to the store; less when they take an eighth of the ring (of 1GiB: 320MiB), which outlives the gateway's process as the store does", TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.FromSeconds(60)),
            Store = store,
            ConnectionString = connection,
            EmbeddedPort = node.Integer("embeddedPort", "port of the embedded store on the loopback address; 0 takes any free one", 0, 0, ushort.MaxValue),
            DataDirectory = node.Text("dataDirectory", "files of the embedded store, of this gateway alone", "/var/lib/appliance/gateway"),
            KeyPrefix = node.Text("keyPrefix", "first part of every key: tells appliances apart that share a server", "appliance"),
            Ttl = node.Duration("ttl", "how long keys outlive a gateway", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
            Timeout = node.Duration("timeout", "when a server that does not answer counts as gone", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
        };
        node.RejectUnknown();
        options.Check(node);
        return options;
    }

    private static (StoreKind Store, string ConnectionString) ReadStore(ConfigNode node)
    {
        var text = node.Text("redis", "where recordings persist: embedded (Garnet, in this process), none, or a connection string such as 10.0.0.5:6379,password=…,ssl=true (docs/recordings.md)", "embedded");
        switch (text)
        {
            case "embedded":
                return (StoreKind.Embedded, string.Empty);
            case "none":
                return (StoreKind.None, string.Empty);
            case var url when url.Contains("://", StringComparison.Ordinal):
                node.Error("redis", "must be embedded, none or a connection string such as 10.0.0.5:6379,password=…,ssl=true; URLs are not read");
                return (StoreKind.None, string.Empty);
            default:
                return (StoreKind.Redis, text);
        }
    }

    private void Check(ConfigNode node)
    {
        if (!BitOperations.IsPow2(RingBytes))
        {
            node.Error("ringBytes", $"{ByteSize.Format(RingBytes)} must be a power of two, such as {ByteSize.Format((long)BitOperations.RoundUpToPowerOf2((uint)RingBytes))}");
        }
        if (WindowBytes > MemoryBytes)
        {
            node.Error("windowBytes", $"{ByteSize.Format(WindowBytes)} must not be more than memoryBytes ({ByteSize.Format(MemoryBytes)})");
        }
        if (!Path.IsPathRooted(DataDirectory))
        {
            node.Error("dataDirectory", $"'{DataDirectory}' must be an absolute path");
        }
        if (KeyPrefix.Length is 0 or > 64 || KeyPrefix.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"))
        {
            node.Error("keyPrefix", $"'{KeyPrefix}' must be at most 64 letters, digits and - _ . :");
        }
    }
}

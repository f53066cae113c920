using System.Globalization;
using System.Text;

namespace Appliance.Gateway.Recording.Store;

/// <summary>The names of all keys; docs/recordings.md shows them.</summary>
internal sealed class StoreKeys(string prefix)
{
    /// <summary>Sets that share out the names of all connections.</summary>
    public const int IndexShards = 64;

    /// <summary>Written and left to expire, to learn whether the server takes writes.</summary>
    public string Probe => $"{prefix}:probe";

    /// <summary>Holds the running gateway's number; gone when the server lost its data.</summary>
    public string Alive => $"{prefix}:alive";

    /// <summary>Epoch and assignment; the copy with the higher sequence number counts.</summary>
    public string Control(int copy) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:control:{copy & 1}");

    /// <summary>A set with names of connections.</summary>
    public string Index(int shard) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:flows:{shard:x2}");

    /// <summary>Which set holds a connection's name.</summary>
    public static int ShardOf(string name) => (int)(Crc32C.Of(Encoding.ASCII.GetBytes(name)) % IndexShards);

    /// <summary>A connection's header.</summary>
    public string Header(string name) => $"{prefix}:{{{name}}}:h";

    /// <summary>A page of the list of its segments.</summary>
    public string Page(string name, int page) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{{{name}}}:l:{page}");

    /// <summary>A segment's bytes.</summary>
    public string Data(string name, long origin) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{{{name}}}:d:{origin}");

    /// <summary>A segment's marks.</summary>
    public string Marks(string name, long origin) => string.Create(CultureInfo.InvariantCulture, $"{prefix}:{{{name}}}:m:{origin}");
}

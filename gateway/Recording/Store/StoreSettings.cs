namespace Appliance.Gateway.Recording.Store;

/// <summary>How a store is to be used.</summary>
public sealed record StoreSettings
{
    /// <summary>Servers and options, as StackExchange.Redis writes them, and <c>serviceName</c>, <c>sentinelPassword</c>, <c>ca</c>; not for the embedded one.</summary>
    public string ConnectionString { get; init; } = string.Empty;

    /// <summary>The first part of every key.</summary>
    public string KeyPrefix { get; init; } = "appliance";

    /// <summary>How long keys outlive the gateway that stopped refreshing them.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a server may take to answer before it counts as gone.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Most payload bytes that wait to be written.</summary>
    public long QueueBytes { get; init; } = 64 << 20;
}

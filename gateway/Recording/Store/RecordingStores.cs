using Appliance.Configuration;
using Appliance.Host;

namespace Appliance.Gateway.Recording.Store;

/// <summary>Makes the store that the configuration asks for.</summary>
public static class RecordingStores
{
    /// <summary>
    /// Starts it and returns at once: an external server need not be there yet, and the embedded one may still read its data.
    /// </summary>
    /// <exception cref="StartupException">The connection string is wrong, the data directory or the port cannot be used.</exception>
    public static IRecordingStore Start(RecorderOptions options, ILogger logger)
    {
        var settings = new StoreSettings
        {
            ConnectionString = options.ConnectionString,
            KeyPrefix = options.KeyPrefix,
            Ttl = options.Ttl,
            Timeout = options.Timeout,
        };
        return options.Store switch
        {
            StoreKind.Embedded => new RedisRecordingStore(EmbeddedGarnet.Start(options.DataDirectory, options.EmbeddedPort, logger), settings, logger),
            StoreKind.Redis => new RedisRecordingStore(settings, logger),
            _ => new NoRecordingStore(),
        };
    }
}

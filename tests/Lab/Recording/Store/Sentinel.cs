using System.Globalization;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>A sentinel that watches one master on its own.</summary>
internal sealed class Sentinel : IDisposable
{
    private readonly RedisServer _server;
    private readonly string _file;

    private Sentinel(RedisServer server, string file)
    {
        _server = server;
        _file = file;
    }

    /// <summary>Where it listens.</summary>
    public int Port => _server.Port;

    /// <summary>Starts one that calls the master's group <c>recordings</c>.</summary>
    public static Sentinel Start(int master)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            sentinel monitor recordings 127.0.0.1 {master} 1
            sentinel down-after-milliseconds recordings 500
            sentinel failover-timeout recordings 3000

            """));
        return new Sentinel(RedisServer.StartSentinel(file), file);
    }

    /// <summary>Runs a command with redis-cli.</summary>
    public string Cli(params string[] words) => _server.Cli(words);

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        File.Delete(_file);
    }
}

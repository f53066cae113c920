namespace Appliance.Bench.Hot;

/// <summary>What is on the wire.</summary>
public enum HotTraffic
{
    /// <summary>A thousand connections that send messages and get them back.</summary>
    Echo,

    /// <summary>A stream from the server, as fast as its link.</summary>
    Download,

    /// <summary>A stream to the server, as fast as its link.</summary>
    Upload,
}

namespace Appliance.Bench.Recorder;

/// <summary>Who writes down what passes the gateway.</summary>
public enum RecorderPath
{
    /// <summary>Nobody: the kernel's forwarding and nothing else.</summary>
    Plain,

    /// <summary>Plain forwarding, and <c>tcpdump -w</c> on the gateway.</summary>
    Tcpdump,

    /// <summary>The appliance.</summary>
    Recorder,
}

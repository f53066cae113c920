using Appliance.Bpf.Layout;
using Appliance.Datagrams;

namespace Appliance.Gateway.Recording;

/// <summary>The last datagrams of one client's end, and what each node has of them.</summary>
public sealed class DatagramRecording(FlowKey key, DatagramWindow window, int nodes)
{
    /// <summary>Both ends.</summary>
    public FlowKey Key => key;

    /// <summary>What is held.</summary>
    public DatagramWindow Window => window;

    /// <summary>Per node.</summary>
    public DatagramShare[] Shares { get; } = new DatagramShare[nodes];

    /// <summary>Per node, how its replica answers.</summary>
    public DatagramStanding[] Standings { get; } = new DatagramStanding[nodes];

    /// <summary>Index of its service; null: nobody has asked yet.</summary>
    public int? Service { get; set; }

    /// <summary>When it is to be looked at, CLOCK_MONOTONIC nanoseconds; 0 while nothing of it is held.</summary>
    public ulong DueNs { get; set; }

    /// <summary>The window serves another client's end now.</summary>
    public bool IsRemoved { get; set; }
}

using Appliance.Bpf.Layout;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;
using Appliance.Native;

namespace Appliance.Gateway.Api;

/// <summary>One connection in <c>GET /api/v1/flows</c>.</summary>
/// <param name="Flow">client address:port-&gt;service address:port.</param>
/// <param name="ClientBytes">Payload from the client, retransmissions included.</param>
/// <param name="ServerBytes">Payload from the server, retransmissions included.</param>
/// <param name="State">How it would fare if the active node died now.</param>
public sealed record FlowDocument(string Flow, FlowState State, double AgeSeconds, double IdleSeconds, ulong ClientBytes, ulong ServerBytes)
{
    /// <summary>All open connections.</summary>
    public static async Task<IReadOnlyList<FlowDocument>> ReadAllAsync(GatewayDataPath dataPath, Recorder recorder)
    {
        var states = await recorder.StatesAsync();
        var keys = new List<FlowKey>();
        var flows = new List<Flow>();
        dataPath.Flows.CopyTo(keys, flows);
        var now = MonotonicClock.Now;
        return [.. keys.Zip(flows)
            .Where(f => !f.Second.IsOver)
            .Select(f => new FlowDocument(
                f.First.ToString(), states.GetValueOrDefault(f.First, FlowState.Unprotected), Seconds(f.Second.OpenedNs, now), Seconds(f.Second.LastNs, now), f.Second.ClientBytes, f.Second.ServerBytes))];
    }

    private static double Seconds(ulong sinceNs, ulong nowNs) => nowNs > sinceNs ? Math.Round((nowNs - sinceNs) / 1e9, 3) : 0;
}

using Appliance.Configuration;

namespace Appliance.Gateway.Recording;

/// <summary>How the open connections fare, all of them and by service. One thread owns it; what it counted can be read anywhere.</summary>
internal sealed class FlowCensus(Recordings recordings, IReadOnlyList<ServiceOptions> services, ulong patienceNs, Action<ServiceOptions, ServiceReading> changed)
{
    private readonly ServiceAgreement[] _agreements = [.. services.Select(_ => new ServiceAgreement())];
    private readonly int[] _open = new int[services.Count];
    private readonly int[] _diverged = new int[services.Count];

    /// <summary>Open connections by state.</summary>
    public IReadOnlyDictionary<FlowState, int> States { get; private set; } = new Dictionary<FlowState, int>();

    /// <summary>How far replicas are behind.</summary>
    public LagReading Lag { get; private set; } = LagReading.None;

    /// <summary>The services, as they are configured.</summary>
    public IReadOnlyList<ServiceReading> Services { get; private set; } = [.. services.Select(_ => new ServiceReading(0, 0, true))];

    /// <summary>Counts.</summary>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    /// <param name="live">Mask of the nodes that protect.</param>
    public void Take(ulong nowNs, uint live)
    {
        CountServices(nowNs, live);
        var states = Enum.GetValues<FlowState>().ToDictionary(s => s, _ => 0);
        var lags = new List<long>();
        foreach (var flow in recordings.Flows)
        {
            if (flow.ClosedNs == 0)
            {
                states[StateOf(flow, nowNs, live)]++;
                lags.AddRange(recordings.LagsOf(flow));
            }
        }
        (States, Lag) = (states, LagReading.Of(lags));
    }

    /// <summary>A connection's state; where its service's servers are not alike, it is not protected.</summary>
    public FlowState StateOf(RecordedFlow flow, ulong nowNs, uint live)
    {
        var state = recordings.StateOf(flow, nowNs, patienceNs, live);
        return state is FlowState.Protected or FlowState.Repairing && ServiceOf(flow) is >= 0 and var service && _agreements[service].IsBroken ? FlowState.Diverged : state;
    }

    private void CountServices(ulong nowNs, uint live)
    {
        Array.Clear(_open);
        Array.Clear(_diverged);
        foreach (var flow in recordings.Flows)
        {
            if (flow.ClosedNs == 0 && ServiceOf(flow) is >= 0 and var service)
            {
                _open[service]++;
                _diverged[service] += recordings.StateOf(flow, nowNs, patienceNs, live) == FlowState.Diverged ? 1 : 0;
            }
        }
        var readings = new ServiceReading[services.Count];
        for (var i = 0; i < services.Count; i++)
        {
            var hasChanged = _agreements[i].Look(_open[i], _diverged[i]);
            readings[i] = new ServiceReading(_open[i], _diverged[i], !_agreements[i].IsBroken);
            if (hasChanged)
            {
                changed(services[i], readings[i]);
            }
        }
        Services = readings;
    }

    private int ServiceOf(RecordedFlow flow)
    {
        flow.Service ??= services.TakeWhile(s => !s.Covers(flow.Key)).Count();
        return flow.Service < services.Count ? flow.Service.Value : -1;
    }
}

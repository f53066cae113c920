using Appliance.Configuration;

namespace Appliance.Gateway.Recording;

/// <summary>How the open connections fare, all of them and by service. One thread owns it; what it counted can be read anywhere.</summary>
internal sealed class FlowCensus(Recordings recordings, IReadOnlyList<ServiceOptions> services, ulong patienceNs, Action<ServiceOptions, ServiceReading> changed)
{
    private readonly ServiceAgreement[] _agreements = [.. services.Select(_ => new ServiceAgreement())];
    private readonly int[][] _counts = [.. Enumerable.Range(0, services.Count + 1).Select(_ => new int[Enum.GetValues<FlowState>().Length])];

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
        Array.ForEach(_counts, Array.Clear);
        var lags = new List<long>();
        foreach (var flow in recordings.Flows)
        {
            if (flow.ClosedNs == 0)
            {
                _counts[ServiceOf(flow)][(int)recordings.StateOf(flow, nowNs, patienceNs, live)]++;
                lags.AddRange(recordings.LagsOf(flow));
            }
        }
        LookAtServices();
        var states = Enum.GetValues<FlowState>().ToDictionary(s => s, _ => 0);
        for (var service = 0; service < _counts.Length; service++)
        {
            foreach (var state in Enum.GetValues<FlowState>())
            {
                states[Claim(service, state)] += _counts[service][(int)state];
            }
        }
        (States, Lag) = (states, LagReading.Of(lags));
    }

    /// <summary>A connection's state; where its service's servers are not alike, it is not protected.</summary>
    public FlowState StateOf(RecordedFlow flow, ulong nowNs, uint live) => Claim(ServiceOf(flow), recordings.StateOf(flow, nowNs, patienceNs, live));

    private FlowState Claim(int service, FlowState state) =>
        state is FlowState.Protected or FlowState.Repairing && service < services.Count && _agreements[service].IsBroken ? FlowState.Diverged : state;

    private void LookAtServices()
    {
        var readings = new ServiceReading[services.Count];
        for (var i = 0; i < services.Count; i++)
        {
            var (open, diverged) = (_counts[i].Sum(), _counts[i][(int)FlowState.Diverged]);
            var hasChanged = _agreements[i].Look(open, diverged);
            readings[i] = new ServiceReading(open, diverged, !_agreements[i].IsBroken);
            if (hasChanged)
            {
                changed(services[i], readings[i]);
            }
        }
        Services = readings;
    }

    /// <summary>Index of a connection's service; one beyond the last for those that have none any more.</summary>
    public int ServiceOf(RecordedFlow flow) => flow.Service ??= services.TakeWhile(s => !s.Covers(flow.Key)).Count();
}

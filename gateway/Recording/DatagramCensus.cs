using Appliance.Configuration;

namespace Appliance.Gateway.Recording;

/// <summary>How replicas answer datagrams, by service. One thread owns it; what it counted can be read anywhere.</summary>
internal sealed class DatagramCensus(DatagramDesk desk, IReadOnlyList<ServiceOptions> services, Action<ServiceOptions, DatagramReading> changed)
{
    private readonly ServiceAgreement[] _agreements = [.. services.Select(_ => new ServiceAgreement())];
    private readonly (int Compared, int Diverged)[] _counts = new (int, int)[services.Count + 1];

    /// <summary>The services, as they are configured.</summary>
    public IReadOnlyList<DatagramReading> Services { get; private set; } = [.. services.Select(_ => new DatagramReading(0, 0, true))];

    /// <summary>Counts.</summary>
    public void Take()
    {
        Array.Clear(_counts);
        foreach (var flow in desk.Flows)
        {
            if (desk.StandingOf(flow) is not DatagramStanding.Unknown and var standing)
            {
                ref var count = ref _counts[flow.Service ??= services.TakeWhile(s => !s.CoversDatagrams(flow.Key)).Count()];
                count.Compared++;
                count.Diverged += standing == DatagramStanding.Differs ? 1 : 0;
            }
        }
        var readings = new DatagramReading[services.Count];
        for (var i = 0; i < services.Count; i++)
        {
            var hasChanged = _agreements[i].Look(_counts[i].Compared, _counts[i].Diverged);
            readings[i] = new DatagramReading(_counts[i].Compared, _counts[i].Diverged, !_agreements[i].IsBroken);
            if (hasChanged)
            {
                changed(services[i], readings[i]);
            }
        }
        Services = readings;
    }
}

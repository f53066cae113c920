using Appliance.Configuration;
using Appliance.Gateway.Recording;

namespace Appliance.Gateway.Api.Status;

/// <summary>One protected service in <see cref="StatusDocument"/>.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Addresses">Its virtual addresses.</param>
/// <param name="Ports">any, or ranges with commas between.</param>
/// <param name="Protocol">tcp, udp or any.</param>
/// <param name="Divergence">What a takeover does with connections whose replica has diverged.</param>
/// <param name="Output">Whose output reaches its clients.</param>
/// <param name="Flows">Its open connections.</param>
/// <param name="Diverged">Of these, the ones that have diverged.</param>
/// <param name="Hot">Of its open connections, the ones whose clients hear several nodes.</param>
/// <param name="ComparedDatagramFlows">Its clients' ends of late whose datagrams both the active node and a replica have answered.</param>
/// <param name="DivergedDatagramFlows">Of these, the ones that were answered in two ways.</param>
/// <param name="InAgreement">False: so many of its connections, or of these ends, have diverged that none counts as protected.</param>
public sealed record ServiceDocument(
    string Name, IReadOnlyList<string> Addresses, string Ports, ServiceProtocol Protocol, DivergencePolicy Divergence, OutputPolicy Output, int Flows, int Diverged, int Hot,
    int ComparedDatagramFlows, int DivergedDatagramFlows, bool InAgreement)
{
    /// <summary>Of a configured one.</summary>
    public static ServiceDocument Of(ServiceOptions service, ServiceReading reading, OutputReading output, DatagramReading answers) => new(
        service.Name, [.. service.Addresses.Select(a => a.ToString())], PortsOf(service), service.Protocol, service.Divergence, output.Policy,
        reading.Open, reading.Diverged, output.Hot, answers.Compared, answers.Diverged, reading.IsInAgreement && answers.IsInAgreement);

    private static string PortsOf(ServiceOptions service) => service.Ports is [{ First: 1, Last: ushort.MaxValue }]
        ? "any"
        : string.Join(", ", service.Ports.Select(p => p.First == p.Last ? $"{p.First}" : $"{p.First}-{p.Last}"));
}

using Appliance.Lab.Demo.Workloads.Echo;
using Appliance.Lab.Demo.Workloads.Nginx;
using Appliance.Lab.Demo.Workloads.Postgres;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>The servers to choose from.</summary>
internal static class DemoWorkloads
{
    /// <summary>The workload that the options ask for.</summary>
    public static IDemoWorkload Create(DemoOptions options)
    {
        var target = options.IPv6 ? LabAddresses.Vip6 : LabAddresses.Vip4;
        return options.Server switch
        {
            DemoServer.Echo => new EchoWorkload(target, options.EffectiveConnections),
            DemoServer.Nginx => new NginxWorkload(target, options.EffectiveConnections, options.Seed),
            DemoServer.Postgres => new PostgresWorkload(target, options.EffectiveConnections),
            _ => throw new ArgumentOutOfRangeException(nameof(options)),
        };
    }
}

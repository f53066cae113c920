using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Configuration;

namespace Appliance.Bpf;

/// <summary>Tells the programs which addresses and ports are protected.</summary>
public static class VipTable
{
    /// <summary>Fills the map <c>vips</c> of a loaded object.</summary>
    public static void Fill(BpfObject obj, IReadOnlyList<ServiceOptions> services)
    {
        var map = obj.Map<Address16, Vip>("vips");
        foreach (var address in services.SelectMany(s => s.Addresses).Distinct())
        {
            map.Set(Address16.From(address), PortsOf(address, services));
        }
    }

    /// <summary>Which ports of an address belong to which service.</summary>
    /// <exception cref="ConfigurationException">There are more ranges than the programs look at.</exception>
    public static Vip PortsOf(IPAddress address, IReadOnlyList<ServiceOptions> services)
    {
        var vip = default(Vip);
        for (var s = 0; s < services.Count; s++)
        {
            if (!services[s].Addresses.Contains(address))
            {
                continue;
            }
            foreach (var range in services[s].Ports)
            {
                if (vip.Count == Vip.MaxRanges)
                {
                    throw new ConfigurationException("services", [$"{address} has more than {Vip.MaxRanges} port ranges"]);
                }
                vip.Ranges[(int)vip.Count++] = new Vip.PortRange
                {
                    First = range.First,
                    Last = range.Last,
                    Protocol = (byte)services[s].Protocol,
                    Service = (byte)s,
                    Carries = services[s].Divergence == DivergencePolicy.Carry ? (byte)1 : (byte)0,
                    Comparison = services[s].Comparison,
                    Delivery = (byte)FlagsOf(services[s].Delivery),
                };
            }
        }
        return vip;
    }

    private static DeliveryFlags FlagsOf(DeliveryOrder delivery) => delivery switch
    {
        DeliveryOrder.Ordered => DeliveryFlags.Ordered,
        DeliveryOrder.Serial => DeliveryFlags.Serial,
        _ => DeliveryFlags.None,
    };
}

using System.Net.Sockets;
using Appliance.Bpf.Layout;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>What the tests' protected addresses offer.</summary>
internal static class Services
{
    public const int FirstOfRange = 8000;
    public const int LastOfRange = 8100;
    public const int OnlyUdp = 9000;
    public const int Carried = 9500;
    public const int Serial = 9600;

    /// <summary>TCP 5432, everything from 8000 to 8100, UDP 9000, TCP 9500, where what has diverged is carried on, TCP 9600, where requests go one at a time.</summary>
    public static Vip Table
    {
        get
        {
            var vip = default(Vip);
            vip.Ranges[0] = new Vip.PortRange { First = 5432, Last = 5432, Protocol = (byte)ProtocolType.Tcp };
            vip.Ranges[1] = new Vip.PortRange { First = FirstOfRange, Last = LastOfRange };
            vip.Ranges[2] = new Vip.PortRange { First = OnlyUdp, Last = OnlyUdp, Protocol = (byte)ProtocolType.Udp };
            vip.Ranges[3] = new Vip.PortRange { First = Carried, Last = Carried, Protocol = (byte)ProtocolType.Tcp, Carries = 1 };
            vip.Ranges[4] = new Vip.PortRange { First = Serial, Last = Serial, Protocol = (byte)ProtocolType.Tcp, Delivery = (byte)DeliveryFlags.Serial };
            vip.Count = 5;
            return vip;
        }
    }
}

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

    /// <summary>TCP 5432, everything from 8000 to 8100, UDP 9000, TCP 9500, where what has diverged is carried on.</summary>
    public static Vip Table
    {
        get
        {
            var vip = default(Vip);
            vip.Ranges[0] = new Vip.PortRange { First = 5432, Last = 5432, Protocol = (byte)ProtocolType.Tcp };
            vip.Ranges[1] = new Vip.PortRange { First = FirstOfRange, Last = LastOfRange };
            vip.Ranges[2] = new Vip.PortRange { First = OnlyUdp, Last = OnlyUdp, Protocol = (byte)ProtocolType.Udp };
            vip.Ranges[3] = new Vip.PortRange { First = Carried, Last = Carried, Protocol = (byte)ProtocolType.Tcp, Carries = 1 };
            vip.Count = 4;
            return vip;
        }
    }
}

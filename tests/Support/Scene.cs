using Appliance.Bpf.Layout;

namespace Appliance.Tests.Support;

/// <summary>Ethernet addresses of the tests' network.</summary>
internal static class Scene
{
    public static MacAddress GatewayMac { get; } = new(0x02, 0xa0, 0, 0, 0, 1);

    public static MacAddress Node0 { get; } = new(0x02, 0xb0, 0, 0, 0, 0x10);

    public static MacAddress Node1 { get; } = new(0x02, 0xb0, 0, 0, 0, 0x11);

    public static MacAddress Node2 { get; } = new(0x02, 0xb0, 0, 0, 0, 0x12);

    /// <summary>Whatever the kernel's neighbour table said.</summary>
    public static MacAddress Router { get; } = new(0x02, 0xc0, 0, 0, 0, 0x99);
}

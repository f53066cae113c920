namespace Appliance.Bpf;

/// <summary>Which of a device's traffic-control hooks; the values are libbpf's <c>enum bpf_tc_attach_point</c>.</summary>
public enum TcDirection
{
    /// <summary>Frames that arrive on the device.</summary>
    Ingress = 1,

    /// <summary>Frames that leave by the device, after routing and queueing decisions.</summary>
    Egress = 2,
}

using System.Net;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct flow_key: a connection, the client's end first. Ports hold network byte order.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct FlowKey
{
    /// <summary>The client's address.</summary>
    public readonly Address16 Client;

    /// <summary>The protected address.</summary>
    public readonly Address16 Service;

    private readonly ushort _clientPort;
    private readonly ushort _servicePort;

    /// <summary>A key from its two ends.</summary>
    public FlowKey(IPEndPoint client, IPEndPoint service)
    {
        Client = Address16.From(client.Address);
        Service = Address16.From(service.Address);
        _clientPort = (ushort)IPAddress.HostToNetworkOrder((short)client.Port);
        _servicePort = (ushort)IPAddress.HostToNetworkOrder((short)service.Port);
    }

    /// <summary>The client's port, host byte order.</summary>
    public ushort ClientPort => (ushort)IPAddress.NetworkToHostOrder((short)_clientPort);

    /// <summary>The service's port, host byte order.</summary>
    public ushort ServicePort => (ushort)IPAddress.NetworkToHostOrder((short)_servicePort);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{new IPEndPoint(Client.ToIPAddress(), ClientPort)}->{new IPEndPoint(Service.ToIPAddress(), ServicePort)}";
}

using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;

namespace Appliance.Savefiles;

/// <summary>
/// How a flow is named in addresses and on command lines: <c>10.0.1.2~40000~10.0.2.100~80</c>, which needs no escaping, or as
/// <see cref="FlowKey.ToString"/> writes it.
/// </summary>
public static class FlowId
{
    private const char Separator = '~';
    private const string Arrow = "->";

    /// <summary>The name that needs no escaping.</summary>
    public static string Format(in FlowKey flow) =>
        string.Join(Separator, flow.Client, flow.ClientPort, flow.Service, flow.ServicePort);

    /// <summary>Reads either name.</summary>
    public static bool TryParse(string text, out FlowKey flow)
    {
        if (text.Split(Separator) is [var clientAddress, var clientPort, var serviceAddress, var servicePort])
        {
            return TryMake(End(clientAddress, clientPort), End(serviceAddress, servicePort), out flow);
        }

        var arrow = text.IndexOf(Arrow, StringComparison.Ordinal);
        if (arrow < 0)
        {
            flow = default;
            return false;
        }

        return TryMake(End(text[..arrow]), End(text[(arrow + Arrow.Length)..]), out flow);
    }

    private static bool TryMake(IPEndPoint? client, IPEndPoint? service, out FlowKey flow)
    {
        flow = client is null || service is null ? default : new FlowKey(client, service);
        return client is not null && service is not null && flow.Client.IsIPv4 == flow.Service.IsIPv4;
    }

    private static IPEndPoint? End(string address, string port) =>
        IPAddress.TryParse(address, out var ip) && ushort.TryParse(port, out var number) && number > 0 ? new IPEndPoint(ip, number) : null;

    private static IPEndPoint? End(string text) =>
        IPEndPoint.TryParse(text, out var end) && end.Port > 0 && (end.AddressFamily == AddressFamily.InterNetwork || text.StartsWith('['))
            ? end
            : null;
}

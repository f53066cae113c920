using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>One incarnation of a connection.</summary>
internal readonly record struct FlowId(FlowKey Key, uint ClientIsn)
{
    /// <summary>As it stands in keys: <c>10.0.1.2:40000-10.0.2.100:80-1a2b3c4d</c>, the last part being the client's ISN.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{new IPEndPoint(Key.Client.ToIPAddress(), Key.ClientPort)}-{new IPEndPoint(Key.Service.ToIPAddress(), Key.ServicePort)}-{ClientIsn:x8}");

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    public static bool TryParse(string text, out FlowId id)
    {
        id = default;
        var parts = text.Split('-');
        if (parts.Length != 3 || !TryEnd(parts[0], out var client) || !TryEnd(parts[1], out var service)
            || !uint.TryParse(parts[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var isn))
        {
            return false;
        }
        id = new FlowId(new FlowKey(client, service), isn);
        return id.ToString() == text;
    }

    private static bool TryEnd(string text, [NotNullWhen(true)] out IPEndPoint? end) => IPEndPoint.TryParse(text, out end);
}

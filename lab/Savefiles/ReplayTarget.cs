using System.Net;

namespace Appliance.Lab.Savefiles;

/// <summary>A server: a name or an address, and a port if it is not the recorded one.</summary>
public sealed record ReplayTarget(string Host, int? Port)
{
    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>::1</c> or <c>[::1]:port</c>.</summary>
    public static bool TryParse(string text, out ReplayTarget target)
    {
        target = new ReplayTarget(text, null);
        if (IPAddress.TryParse(text, out _) && !text.StartsWith('['))
        {
            return true;
        }

        var colon = text.EndsWith(']') ? -1 : text.LastIndexOf(':');
        if (colon >= 0)
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), out var port) || port == 0)
            {
                return false;
            }

            target = new ReplayTarget(text[..colon], port);
        }

        var host = target.Host;
        if (host.StartsWith('[') && host.EndsWith(']') && IPAddress.TryParse(host, out _))
        {
            target = target with { Host = host[1..^1] };
        }

        return Uri.CheckHostName(target.Host) != UriHostNameType.Unknown;
    }

    /// <summary>Where a flow to a recorded port goes.</summary>
    public string Describe(int recordedPort) => $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port ?? recordedPort}";
}

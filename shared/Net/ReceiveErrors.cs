using System.Globalization;

namespace Appliance.Net;

/// <summary>Datagrams that the kernel has dropped for want of room in their sockets: the network namespace's UdpRcvbufErrors, RFC 4113's udpInErrors in part.</summary>
public static class ReceiveErrors
{
    private const string Name = "RcvbufErrors";

    /// <summary>Of both address families since the namespace exists; null when /proc does not tell.</summary>
    public static long? Read()
    {
        try
        {
            return Of(File.ReadAllText("/proc/self/net/snmp"), File.Exists("/proc/self/net/snmp6") ? File.ReadAllText("/proc/self/net/snmp6") : "");
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>From the contents of /proc/net/snmp (a line of names, then one of values) and /proc/net/snmp6 (a name and a value a line).</summary>
    public static long? Of(string snmp, string snmp6)
    {
        var lines = snmp.Split('\n').Where(line => line.StartsWith("Udp: ", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (lines is not [var names, var values] || Array.IndexOf(names, Name) is not (> 0 and var at) || at >= values.Length || !TryParse(values[at], out var count))
        {
            return null;
        }
        foreach (var line in snmp6.Split('\n').Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
        {
            count += line is ["Udp6" + Name, var value] && TryParse(value, out var more) ? more : 0;
        }
        return count;
    }

    private static bool TryParse(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}

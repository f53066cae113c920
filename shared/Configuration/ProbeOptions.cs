using System.Net;

namespace Appliance.Configuration;

/// <summary>How a node's agent asks one of its own servers whether it works. Exactly one of the three ways is set.</summary>
/// <param name="Name">For people.</param>
/// <param name="Tcp">A connection to this end point has to come about.</param>
/// <param name="Http">A GET of this URL has to be answered with a status of 2xx or 3xx.</param>
/// <param name="Command">A program and its arguments; it has to end with 0.</param>
/// <param name="Interval">From the end of one attempt to the beginning of the next.</param>
/// <param name="Timeout">How long an attempt may take.</param>
/// <param name="Failures">So many attempts in a row have to fail.</param>
public sealed record ProbeOptions(
    string Name, IPEndPoint? Tcp, Uri? Http, IReadOnlyList<string> Command, TimeSpan Interval, TimeSpan Timeout, int Failures)
{
    private static readonly string[] s_ways = ["tcp", "http", "command"];

    /// <summary>Reads the list <c>probes</c> of a node's file; it may be missing.</summary>
    public static IReadOnlyList<ProbeOptions> ReadAll(ConfigNode root) =>
        [.. root.Sections("probes", "ways to ask the node's own servers whether they work; each has exactly one of tcp, http and command", required: false).Select(Read)];

    private static ProbeOptions Read(ConfigNode node)
    {
        var ways = s_ways.Count(node.Has);
        var probe = new ProbeOptions(
            node.Text("name", "for people", example: "web"),
            node.EndPoint("tcp", "a connection to it has to come about", "10.0.2.100:5432"),
            ReadUrl(node),
            node.Texts("command", "a program and its arguments; it has to end with 0", "[/usr/bin/pg_isready, -h, 10.0.2.100]"),
            node.Duration("interval", "from the end of one attempt to the beginning of the next", TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            node.Duration("timeout", "how long an attempt may take", TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)),
            node.Integer("failures", "so many attempts in a row have to fail", 2, 1, 1000));
        if (ways != 1)
        {
            node.Error("tcp", "give exactly one of tcp (10.0.2.100:5432), http (http://10.0.2.100/health) or command ([/usr/bin/check, argument])");
        }
        node.RejectUnknown();
        return probe;
    }

    private static Uri? ReadUrl(ConfigNode node)
    {
        var text = node.Text("http", "a GET of this URL has to be answered with 2xx or 3xx", string.Empty, "http://10.0.2.100:8080/health");
        if (text.Length == 0)
        {
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }
        node.Error("http", $"'{text}' is not an address such as http://10.0.2.100:8080/health");
        return null;
    }
}

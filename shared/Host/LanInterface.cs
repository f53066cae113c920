using Appliance.Bpf;
using Appliance.Net;

namespace Appliance.Host;

/// <summary>Finds the configured interface and makes sure that its hooks are free.</summary>
public static class LanInterface
{
    /// <summary>The link named <paramref name="name"/>.</summary>
    /// <param name="netlink">A socket of the namespace.</param>
    /// <param name="name">The interface.</param>
    /// <param name="replaceHooks">Do not refuse when programs of an earlier run are there.</param>
    /// <param name="keep">Leave those programs in force: the caller puts its own in their place.</param>
    /// <exception cref="StartupException">It does not exist, or a crashed run left its programs there.</exception>
    public static LinkInfo Claim(RtNetlink netlink, string name, bool replaceHooks, bool keep = false)
    {
        var link = netlink.FindLink(name)
            ?? throw new StartupException($"lanInterface: there is no interface '{name}'; there are {string.Join(", ", netlink.Links().Select(l => l.Name))}");
        foreach (var direction in new[] { TcDirection.Ingress, TcDirection.Egress })
        {
            if (TcHook.FindLeftover(link.Index, direction) is not { } program)
            {
                continue;
            }
            if (!replaceHooks)
            {
                throw new StartupException(
                    $"{name} carries a program of an earlier run (id {program}, {direction}, priority {TcHook.Priority}): stop that run, or start with --replace-hooks");
            }
            if (!keep)
            {
                TcHook.RemoveLeftover(link.Index, direction);
            }
        }
        return link;
    }
}

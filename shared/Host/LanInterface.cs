using System.Net;
using Appliance.Bpf;
using Appliance.Net;

namespace Appliance.Host;

/// <summary>Finds the configured interface and makes sure that its hooks are free.</summary>
public static class LanInterface
{
    private static readonly TcDirection[] s_directions = [TcDirection.Ingress, TcDirection.Egress];

    /// <summary>The link named <paramref name="setting"/>, or the one that has that address: containers' interfaces have no lasting names.</summary>
    /// <param name="netlink">A socket of the namespace.</param>
    /// <param name="setting">The interface, or an address of it.</param>
    /// <param name="replaceHooks">Do not refuse when programs of an earlier run are there.</param>
    /// <param name="keep">Leave those programs in force: the caller puts its own in their place.</param>
    /// <exception cref="StartupException">It does not exist, or a crashed run left its programs there.</exception>
    public static LinkInfo Claim(RtNetlink netlink, string setting, bool replaceHooks, bool keep = false)
    {
        var link = Find(netlink, setting)
            ?? throw new StartupException($"lanInterface: there is no interface with the name or address '{setting}'; there are {string.Join(", ", netlink.Links().Select(l => l.Name))}");
        var left = Leftovers(link);
        if (left.Count > 0 && !replaceHooks)
        {
            throw new StartupException(left[0]);
        }
        if (!keep)
        {
            foreach (var direction in s_directions)
            {
                TcHook.RemoveLeftover(link.Index, direction);
            }
        }
        return link;
    }

    /// <summary>
    /// Waits until the interface is gone, as a container's is when its network is disconnected. The programs went with it, and one that
    /// comes back under its name is another: whoever supervises the program starts it again, which begins anew there.
    /// </summary>
    /// <exception cref="StartupException">It is gone.</exception>
    public static async Task WhileThereAsync(RtNetlink netlink, LinkInfo link, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (netlink.Links().Any(l => l.Index == link.Index))
        {
            await timer.WaitForNextTickAsync(stop);
        }
        throw new StartupException($"{link.Name} has vanished, and the programs with it: start again when it is back");
    }

    /// <summary>What a crashed run left there, in words, with the remedy.</summary>
    public static IReadOnlyList<string> Leftovers(LinkInfo link) =>
    [
        .. from direction in s_directions
           let program = TcHook.FindLeftover(link.Index, direction)
           where program is not null
           select $"{link.Name} carries a program of an earlier run (id {program}, {direction}, priority {TcHook.Priority}): stop that run, or start with --replace-hooks",
    ];

    private static LinkInfo? Find(RtNetlink netlink, string setting) => IPAddress.TryParse(setting, out var address)
        ? netlink.Links().FirstOrDefault(link => netlink.Addresses(link.Index).Any(a => a.Address.Equals(address)))
        : netlink.FindLink(setting);
}

using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>The windows that clients see, as the gateway's programs pass them on.</summary>
public interface IClientWindows
{
    /// <summary>Looks a connection up in the programs' table.</summary>
    bool TryFind(in FlowKey key, out Flow flow);

    /// <summary>From now on the client's window ends no farther than the limit says.</summary>
    void Narrow(in FlowKey key, in Limit limit);

    /// <summary>The client's window is the server's own again.</summary>
    void Widen(in FlowKey key);

    /// <summary>Has the server tell the client its window anew; see <see cref="ServerProbe"/>.</summary>
    /// <param name="key">The connection.</param>
    /// <param name="flow">What the programs know of it.</param>
    /// <param name="received">A sequence number below which the active server has received everything, host byte order.</param>
    /// <param name="all">Has every server do so that has the connection; all of them have received everything below.</param>
    void Tell(in FlowKey key, in Flow flow, uint received, bool all = false);
}

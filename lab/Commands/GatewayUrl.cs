using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Commands;

/// <summary>Where the gateway's REST interface is when the user does not say.</summary>
internal static class GatewayUrl
{
    private static readonly Uri s_ofHost = new("http://127.0.0.1:8080");

    /// <summary>The gateway of a lab that stands, else the one of this machine.</summary>
    public static Uri OfLabOrHost(string lab) =>
        new StateStore(new LabPaths(LabNames.Create(lab).Name)).TryLoad() is { WithDaemons: true } state
            ? LabAddresses.ApiUrl(state.Index)
            : s_ofHost;
}

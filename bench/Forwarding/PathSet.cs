using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Forwarding;

/// <summary>
/// The three paths side by side, so that rounds can alternate between them: a lab with the appliance, and one without,
/// through which packets go plain or by way of HAProxy. What is not being measured stands idle.
/// </summary>
public sealed class PathSet : IAsyncDisposable
{
    private readonly BenchLab _plain;
    private readonly BenchLab _appliance;

    private PathSet(BenchLab plain, BenchLab appliance)
    {
        _plain = plain;
        _appliance = appliance;
    }

    /// <summary>The paths, in the order in which a round takes them.</summary>
    public static IReadOnlyList<ForwardingPath> All { get; } = Enum.GetValues<ForwardingPath>();

    /// <summary>The version of HAProxy.</summary>
    public string? HaproxyVersion { get; private set; }

    /// <summary>Makes both labs and starts the servers in them.</summary>
    public static async Task<PathSet> UpAsync(CancellationToken cancellation)
    {
        var plain = await BenchLab.UpAsync("plain", withAppliance: false, cancellation);
        try
        {
            await plain.PlaceAddressAsync(cancellation);
            await plain.StartServersAsync(cancellation, LabHost.Node1);
            await Haproxy.StartAsync(plain, withBackup: false, cancellation);
            var version = await Haproxy.VersionAsync(plain, cancellation);
            var appliance = await BenchLab.UpAsync("appliance", withAppliance: true, cancellation);
            try
            {
                await appliance.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
                return new PathSet(plain, appliance) { HaproxyVersion = version };
            }
            catch
            {
                await appliance.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await plain.DisposeAsync();
            throw;
        }
    }

    /// <summary>The lab that a path is in.</summary>
    public BenchLab Lab(ForwardingPath path) => path == ForwardingPath.Appliance ? _appliance : _plain;

    /// <summary>Where the client connects to.</summary>
    public static string Target(ForwardingPath path) => path == ForwardingPath.Haproxy ? LabAddresses.GatewayOuter4 : LabAddresses.Vip4;

    /// <summary>As tables call it.</summary>
    public static string NameOf(ForwardingPath path) => path switch
    {
        ForwardingPath.Plain => "plain forwarding",
        ForwardingPath.Appliance => "appliance",
        ForwardingPath.Haproxy => "HAProxy",
        _ => throw new ArgumentOutOfRangeException(nameof(path)),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _appliance.DisposeAsync();
        await _plain.DisposeAsync();
    }
}

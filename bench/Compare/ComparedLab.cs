using Appliance.Bench.Baseline;
using Appliance.Bench.Forwarding;
using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compare;

/// <summary>A lab with one product in it, ready for connections. Disposing takes it down.</summary>
public sealed class ComparedLab : IAsyncDisposable
{
    private static readonly TimeSpan s_advertisement = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(5);
    private static readonly string s_node1 = LabNames.Of(LabHost.Node1);

    private ComparedLab(Product product, BenchLab lab) => (Product, Lab) = (product, lab);

    /// <summary>What is in it.</summary>
    public Product Product { get; }

    /// <summary>The lab.</summary>
    public BenchLab Lab { get; }

    /// <summary>Where clients connect to.</summary>
    public string Target => Product == Product.Haproxy ? LabAddresses.GatewayOuter4 : LabAddresses.Vip4;

    private bool IsAppliance => Products.OutputOf(Product) is not null;

    /// <summary>Makes one.</summary>
    public static async Task<ComparedLab> UpAsync(Product product, TimeSpan? detection, CancellationToken cancellation)
    {
        var output = Products.OutputOf(product);
        var options = new LabOptions { Name = "compare", WithDaemons = output is not null, Output = output, DetectionTimeout = detection };
        var compared = new ComparedLab(product, await BenchLab.UpAsync(options, configuration: null, cancellation));
        try
        {
            await compared.StartAsync(cancellation);
            return compared;
        }
        catch
        {
            await compared.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a traffic client and waits until all of its connections are there and, with the appliance, protected.</summary>
    public async Task<TrafficClientProcess> ConnectAsync(int connections, CancellationToken cancellation, params string[] arguments)
    {
        var client = Lab.StartClient(Target, arguments);
        await client.Connected.WaitAsync(cancellation);
        if (IsAppliance)
        {
            await Lab.Gateway.WaitAsync(status => status.Find(LabNames.Of(LabHost.Node2))?.InStep >= connections, s_stepTime, cancellation);
        }

        return client;
    }

    /// <summary>Makes a failure of the first node, or of its server.</summary>
    public async Task FailAsync(Failure failure, CancellationToken cancellation)
    {
        switch (failure)
        {
            case Failure.Planned when IsAppliance:
                await Lab.Gateway.SwitchOverAsync(cancellation);
                break;
            case Failure.Planned when Product == Product.Keepalived:
                Keepalived.Stop(Lab, LabHost.Node1);
                break;
            case Failure.None:
                break;
            default:
                var kind = failure switch
                {
                    Failure.Crash => FaultKind.Crash,
                    Failure.Hang => FaultKind.HangApp,
                    _ => FaultKind.KillApp,
                };
                await Lab.Laboratory.FaultAsync(new FaultRequest(kind, s_node1), cancellation);
                break;
        }
    }

    /// <summary>The traffic server of the first node.</summary>
    public int ServerPid =>
        ProcessTable.InNamespace(NetworkNamespace.TryGetIdentity(Lab.Laboratory.Namespace(LabHost.Node1))).Single(process => LabProgram.IsTraffic(process.Command)).Pid;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    private async Task StartAsync(CancellationToken cancellation)
    {
        if (Product is Product.Plain or Product.Haproxy)
        {
            await Lab.PlaceAddressAsync(cancellation);
        }

        await Lab.StartServersAsync(cancellation, LabHost.Node1, LabHost.Node2);
        if (Product == Product.Haproxy)
        {
            await Haproxy.StartAsync(Lab, withBackup: true, cancellation);
        }
        else if (Product == Product.Keepalived)
        {
            await Keepalived.StartAsync(Lab, s_advertisement, cancellation);
        }
    }
}

using System.Net;
using Appliance.Configuration;
using Appliance.Gateway.Api;
using Appliance.Gateway.Control;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;
using Appliance.Gateway.Recording.Store;
using Appliance.Host;
using Appliance.Net;

namespace Appliance.Gateway;

/// <summary>Starts the gateway: host, LAN interface, programs, control loop, REST; takes it all down in reverse.</summary>
internal static class GatewayHost
{
    public static async Task RunAsync(GatewayOptions options, DaemonArguments arguments, ILoggerFactory logging, Shutdown stop)
    {
        StartupException.ThrowIfAny(HostRequirements.CheckCommon());
        using var netlink = new RtNetlink();
        var lan = LanInterface.Claim(netlink, options.LanInterface, arguments.ReplaceHooks, keep: true);
        if (LanInterface.Leftovers(lan).Count > 0)
        {
            StartupException.ThrowIfAny(HostRequirements.CheckSuccession());
        }
        FreePort.Require(EndPointOf(options.Listen), options.Listen);
        // The store takes as long to start as the kernel to verify the programs, and the interface to be built: all at the same time.
        await using var store = RecordingStores.Start(options.Recorder, logging.CreateLogger<IRecordingStore>());
        using var dataPath = new GatewayDataPath(options, lan);
        using var recorder = new Recorder(options, dataPath, lan, store, logging.CreateLogger<Recorder>());
        var restored = SavedState.LoadAsync(store, recorder.GoOnWriting, stop.Token);
        var epochs = new EpochKeeper(store);
        // The programs know which epoch is in force; without them, or if none was yet, it has to be read before anything is ordered.
        var start = dataPath.Assignment.Active >= 0 ? Task.FromResult((dataPath.Assignment.Epoch, -1)) : epochs.StartAsync(stop.Token);
        using var control = new ControlLoop(options, dataPath, recorder, epochs, start, lan, logging.CreateLogger<ControlLoop>());
        await using var app = ApiHost.Build(options, logging, services =>
        {
            services.AddSingleton(lan);
            services.AddSingleton(dataPath);
            services.AddSingleton(recorder);
            services.AddSingleton<IRecordings, RecordingsReader>();
            services.AddSingleton(control);
            services.AddSingleton<FlowSweeper>();
            services.AddHostedService(s => s.GetRequiredService<FlowSweeper>());
            services.AddHostedService<CloseGate>();
        });
        await control.Begun;
        await app.StartAsync(stop.Token);
        recorder.Restore(await restored);
        ServiceManager.Ready();
        await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (stop.IsHandover)
        {
            dataPath.Leave();
            control.Leave();
        }
        await app.StopAsync(CancellationToken.None);
    }

    /// <summary>Where the REST interface listens.</summary>
    internal static IPEndPoint EndPointOf(string listen)
    {
        var uri = new Uri(listen);
        return new IPEndPoint(IPAddress.TryParse(uri.Host, out var parsed) ? parsed : IPAddress.Loopback, uri.Port);
    }
}

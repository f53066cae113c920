using Appliance.Lab.Daemons;
using Appliance.Lab.State;
using Appliance.Lab.Status;
using Appliance.Lab.Topology;

namespace Appliance.Lab;

/// <summary>The steps of <c>lab up</c>, in order.</summary>
internal sealed class LabBuilder(LabNames names, StateStore store, LabOptions options, IProgress<string>? progress)
{
    /// <summary>1. Puts the configuration together, so that a mistake in it costs nothing.</summary>
    public async Task<DaemonConfiguration> ComposeAsync(CancellationToken cancellation)
    {
        var gateway = await ReadAsync(options.ConfigurationFile, cancellation);
        var nodes = await ReadAsync(options.NodeConfigurationFile, cancellation);
        return DaemonConfiguration.Compose(store.Paths, options, gateway, nodes);

        static async Task<string?> ReadAsync(string? file, CancellationToken cancellation)
        {
            try
            {
                return file is null ? null : await File.ReadAllTextAsync(file, cancellation);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new LabException(LabFailure.InvalidArgument, $"Cannot read {file}: {exception.Message}", exception);
            }
        }
    }

    /// <summary>2. Claims the name.</summary>
    public void Claim() => store.Create(new LabState
    {
        Name = names.Name,
        WithDaemons = options.WithDaemons,
        Programs = options.WithDaemons ? options.Programs ?? DaemonProgram.DefaultPrograms() : null,
        LastRoles = NodeRoles.Initial,
    });

    /// <summary>3. Makes network and directories.</summary>
    public async Task BuildNetworkAsync(CancellationToken cancellation)
    {
        progress?.Report("Making the network");
        var index = await new LabNetwork(names).CreateAsync(cancellation);
        foreach (var node in LabNames.Nodes)
        {
            Directory.CreateDirectory(store.Paths.Data(node));
        }

        await store.UpdateAsync(
            state => state with { Index = index, Phase = options.WithDaemons ? LabPhase.Building : LabPhase.Ready },
            cancellation);
    }

    /// <summary>4. Starts the programs and waits until both nodes hold their roles.</summary>
    public async Task StartDaemonsAsync(DaemonConfiguration configuration, GatewayClient gateway, CancellationToken cancellation)
    {
        if (store.Load() is not { Programs: { } programs })
        {
            return;
        }

        configuration.Write(store.Paths);
        var supervisor = new DaemonSupervisor(names, store);
        foreach (var host in DaemonProgram.Hosts)
        {
            progress?.Report($"Starting {DaemonProgram.NameFor(host)}");
            await supervisor.StartAsync(host, programs, cancellation);
        }

        progress?.Report("Waiting for both nodes to take their roles");
        await supervisor.WaitReadyAsync(gateway, options.ReadyTimeout, cancellation);
        await store.UpdateAsync(state => state with { Phase = LabPhase.Ready }, cancellation);
    }
}

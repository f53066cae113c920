using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.State;
using Appliance.Lab.Status;
using Appliance.Lab.Topology;

namespace Appliance.Lab;

/// <summary>
/// A lab: client, gateway, switch and two nodes as network namespaces on this machine, with the appliance's programs
/// running in them. The commands, the demonstration, the benches and the tests all go through this class.
/// </summary>
public sealed class Laboratory : IDisposable
{
    private readonly LabNames _names;
    private readonly StateStore _store;
    private readonly GatewayClient _gateway;
    private readonly LinkControl _links;

    private Laboratory(LabNames names, StateStore store, LabState state)
    {
        _names = names;
        _store = store;
        ApiUrl = LabAddresses.ApiUrl(state.Index);
        _gateway = new GatewayClient(ApiUrl);
        _links = LinkControl.Open(names.Namespace(LabHost.Switch));
    }

    /// <summary>The lab's name.</summary>
    public string Name => _names.Name;

    /// <summary>The gateway's REST interface, reachable from the root namespace.</summary>
    public Uri ApiUrl { get; }

    /// <summary>The lab's directory, which goes away with it: a good place for logs.</summary>
    public string Directory => _store.Paths.Directory;

    /// <summary>Makes a lab and returns when the appliance is ready. On failure or cancellation nothing is left of it.</summary>
    /// <param name="options">How to make it.</param>
    /// <param name="progress">Is told the steps.</param>
    /// <param name="meanwhile">What is done in the network while the appliance starts, as starting the servers; null for nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="LabException">The lab exists already, or something failed; the message tells what.</exception>
    public static async Task<Laboratory> UpAsync(
        LabOptions options, IProgress<string>? progress = null, Func<Laboratory, Task>? meanwhile = null, CancellationToken cancellation = default)
    {
        Preconditions.Check();
        var names = LabNames.Create(options.Name);
        if (LabNames.Hosts.Any(host => NetworkNamespace.Exists(names.Namespace(host))))
        {
            throw StateStore.AlreadyUp(names.Name);
        }

        var store = new StateStore(new LabPaths(names.Name));
        var builder = new LabBuilder(names, store, options, progress);
        var configuration = await builder.ComposeAsync(cancellation);
        builder.Claim();
        try
        {
            await builder.BuildNetworkAsync(cancellation);
            var laboratory = new Laboratory(names, store, store.Load());
            await Task.WhenAll(meanwhile?.Invoke(laboratory) ?? Task.CompletedTask, builder.StartDaemonsAsync(configuration, laboratory._gateway, cancellation));
            return laboratory;
        }
        catch
        {
            await new LabCleanup(names).RunAsync();
            throw;
        }
    }

    /// <summary>Opens a lab that was made before, by this process or another.</summary>
    /// <exception cref="LabException">There is none of that name, or it is damaged.</exception>
    public static Laboratory Attach(string name = LabNames.Default)
    {
        Preconditions.Check();
        var names = LabNames.Create(name);
        var store = new StateStore(new LabPaths(names.Name));
        return new Laboratory(names, store, store.Load());
    }

    /// <summary>Removes a lab, whatever is left of it.</summary>
    /// <returns>Whether there was anything to remove.</returns>
    public static Task<bool> DownAsync(string name = LabNames.Default)
    {
        Preconditions.Check();
        return new LabCleanup(LabNames.Create(name)).RunAsync();
    }

    /// <summary>The network namespace of a host.</summary>
    public string Namespace(LabHost host) => _names.Namespace(host);

    /// <summary>A node's own disk: a directory for the data of its server.</summary>
    public string DataDirectory(LabHost node) => _store.Paths.Data(node);

    /// <summary>The log of the appliance's program on a host.</summary>
    public string LogFile(LabHost host) => _store.Paths.Log(host);

    /// <summary>Finds a host by its name or by the role it holds now (<c>primary</c>, <c>backup</c>).</summary>
    /// <exception cref="LabException">There is no such host.</exception>
    public async Task<LabHost> ResolveAsync(string host, CancellationToken cancellation = default)
    {
        if (LabNames.TryParseHost(host, out var fixedHost))
        {
            return fixedHost;
        }

        if (host is not (FaultRequest.Primary or FaultRequest.Backup))
        {
            throw new LabException(LabFailure.UnknownHost, $"There is no host '{host}': use client, gateway, primary, backup, node1, node2 or switch.");
        }

        var status = await AskGatewayAsync(cancellation);
        var primary = NodeRoles.Primary(status?.Roles, _store.Load().LastRoles);
        return host is FaultRequest.Primary ? primary : LabNames.Peer(primary);
    }

    /// <summary>The command that runs another one on a host.</summary>
    public IReadOnlyList<string> CommandOn(LabHost host, IEnumerable<string> command) =>
        ["ip", "netns", "exec", Namespace(host), .. command];

    /// <summary>Starts a program on a host, detached; its output is appended to the log file. It is ended with the lab.</summary>
    public LabProcess StartProcess(
        LabHost host,
        IEnumerable<string> command,
        string logFile,
        IReadOnlyDictionary<string, string>? environment = null) =>
        LabProcess.Start(CommandOn(host, command), logFile, environment);

    /// <summary>Runs a program on a host to its end.</summary>
    public Task<CommandResult> RunAsync(
        LabHost host,
        IEnumerable<string> command,
        string? input = null,
        TimeSpan? timeout = null,
        CancellationToken cancellation = default) =>
        CommandRunner.RunAsync(CommandOn(host, command), input, timeout, cancellation);

    /// <summary>Makes a fault, or heals some, and records it.</summary>
    /// <exception cref="LabException">The host is unknown or the fault does not fit it.</exception>
    public async Task<FaultRecord> FaultAsync(FaultRequest request, CancellationToken cancellation = default)
    {
        var record = request.Kind == FaultKind.Heal
            ? await new Healer(_names, _store, _links).HealAsync(await HealedHostsAsync(request.Target, cancellation), cancellation)
            : await new FaultInjector(_names, _store.Load(), _links).InjectAsync(request, await ResolveAsync(request.Target, cancellation), cancellation);
        await _store.UpdateAsync(state => state with { Faults = FaultHistory.Add(state.Faults, record) }, cancellation);
        return record;
    }

    /// <summary>The present state of the lab.</summary>
    public async Task<LabStatus> StatusAsync(CancellationToken cancellation = default)
    {
        var gateway = await AskGatewayAsync(cancellation);
        return StatusReader.Read(_names, _store.Paths, _store.Load(), gateway);
    }

    /// <summary>Lets go of the lab without ending it.</summary>
    public void Dispose()
    {
        _gateway.Dispose();
        _links.Dispose();
    }

    private async Task<IReadOnlyList<LabHost>> HealedHostsAsync(string target, CancellationToken cancellation)
    {
        if (string.Equals(target, FaultRequest.Everything, StringComparison.Ordinal))
        {
            return DaemonProgram.Hosts;
        }

        var host = await ResolveAsync(target, cancellation);
        return DaemonProgram.Hosts.Contains(host)
            ? [host]
            : throw new LabException(LabFailure.InvalidArgument, $"There is nothing to heal on {LabNames.Of(host)}.");
    }

    private async Task<GatewayStatus?> AskGatewayAsync(CancellationToken cancellation)
    {
        var state = _store.Load();
        var status = state.WithDaemons ? await _gateway.TryGetStatusAsync(cancellation) : null;
        if (status is not null && status.Roles.Values.Contains(NodeRole.Active) && !SameRoles(status.Roles, state.LastRoles))
        {
            await _store.UpdateAsync(current => current with { LastRoles = status.Roles }, cancellation);
        }

        return status;
    }

    private static bool SameRoles(IReadOnlyDictionary<LabHost, NodeRole> one, IReadOnlyDictionary<LabHost, NodeRole> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var role) && role == pair.Value);
}

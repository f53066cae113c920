namespace Appliance.Tests.Unit.Simulation;

/// <summary>Breaks things at random moments, for random times, and plans their repair.</summary>
internal sealed class FaultInjector(SimulationRun simulation)
{
    private const ulong Millisecond = 1_000_000;
    private static readonly int Kinds = Enum.GetValues<FaultKind>().Length;

    /// <summary>Breaks one thing; false when what was chosen is broken already.</summary>
    public bool TryInject()
    {
        var random = simulation.Random;
        var kind = (FaultKind)random.Below(Kinds);
        var node = simulation.Nodes[random.Below(simulation.Nodes.Length)];
        var isInjected = kind switch
        {
            FaultKind.AgentCrash or FaultKind.NodeCrash => Crash(node, kind == FaultKind.NodeCrash),
            FaultKind.AgentPause => Pause(node),
            FaultKind.GatewayCrash or FaultKind.GatewayReboot => CrashGateway(kind == FaultKind.GatewayReboot),
            FaultKind.GatewayPause => PauseGateway(),
            FaultKind.WireCut => Cut(random.Below(simulation.Network.Wires)),
            FaultKind.Partition => Partition(node.Index),
            FaultKind.ClockJump => Jump(node),
            FaultKind.Replay => Replay(),
            FaultKind.ServerFailure => Hurt(node),
            _ => Disturb(),
        };
        if (isInjected)
        {
            simulation.Trace?.Add(simulation.NowNs, $"fault: {kind} (node{node.Index})");
        }
        return isInjected;
    }

    /// <summary>Ends every fault; some nodes that are down stay so, but at least one runs.</summary>
    public void Calm()
    {
        simulation.Network.Calm();
        var survivor = simulation.Random.Below(simulation.Nodes.Length);
        foreach (var node in simulation.Nodes)
        {
            if (node.IsPaused)
            {
                node.Resume();
            }
            else if (!node.IsRunning && (node.Index == survivor || simulation.Random.Below(3) != 0))
            {
                Plan(simulation.Random.Within(300 * Millisecond), EventKind.NodeStart, node.Index, node.Life);
            }
            else if (node.IsRunning && node.Index != survivor && simulation.Random.Below(8) == 0)
            {
                node.Crash(takesMachine: true);
            }
            if (simulation.Random.Below(2) == 0)
            {
                node.Restore();
            }
        }
        if (simulation.Gateway.IsPaused)
        {
            simulation.Gateway.Resume();
        }
        else if (!simulation.Gateway.IsRunning)
        {
            Plan(simulation.Random.Within(300 * Millisecond), EventKind.GatewayStart, 0, simulation.Gateway.Life);
        }
    }

    private bool Crash(SimulatedNode node, bool takesMachine)
    {
        if (!node.IsRunning)
        {
            return false;
        }
        node.Crash(takesMachine);
        Plan(simulation.Random.Between(takesMachine ? 200 * Millisecond : 20 * Millisecond, 4000 * Millisecond), EventKind.NodeStart, node.Index, node.Life);
        return true;
    }

    private bool Pause(SimulatedNode node)
    {
        if (!node.IsRunning || node.IsPaused)
        {
            return false;
        }
        node.Pause();
        Plan(simulation.Random.Between(5 * Millisecond, 800 * Millisecond), EventKind.NodeResume, node.Index, node.Life);
        return true;
    }

    private bool CrashGateway(bool takesMachine)
    {
        var gateway = simulation.Gateway;
        if (!gateway.IsRunning && !(takesMachine && simulation.Fence.IsForwarding))
        {
            return false;
        }
        gateway.Crash(takesMachine);
        Plan(simulation.Random.Between(takesMachine ? 100 * Millisecond : 5 * Millisecond, 2000 * Millisecond), EventKind.GatewayStart, 0, gateway.Life);
        return true;
    }

    private bool PauseGateway()
    {
        if (!simulation.Gateway.IsRunning || simulation.Gateway.IsPaused)
        {
            return false;
        }
        simulation.Gateway.Pause();
        Plan(simulation.Random.Between(5 * Millisecond, 400 * Millisecond), EventKind.GatewayResume, 0, simulation.Gateway.Life);
        return true;
    }

    private bool Cut(int wire)
    {
        simulation.Network.Cut(wire);
        Plan(simulation.Random.Between(5 * Millisecond, 4000 * Millisecond), EventKind.WireHeals, wire);
        return true;
    }

    private bool Partition(int node)
    {
        var directions = 1 + simulation.Random.Below(3);
        var duration = simulation.Random.Between(5 * Millisecond, 4000 * Millisecond);
        for (var link = 0; link < simulation.Settings.Links; link++)
        {
            for (var direction = 0; direction < 2; direction++)
            {
                if ((directions & (1 << direction)) != 0)
                {
                    var wire = simulation.Network.WireOf(node, link, direction == 1);
                    simulation.Network.Cut(wire);
                    Plan(duration, EventKind.WireHeals, wire);
                }
            }
        }
        return true;
    }

    private bool Jump(SimulatedNode node)
    {
        var jump = (long)simulation.Random.Between(Millisecond, 1_000_000 * Millisecond) * (simulation.Random.Below(2) == 0 ? 1 : -1);
        if (simulation.Random.Below(2) == 0)
        {
            node.WallClockErrorNs = jump;
        }
        else
        {
            simulation.Gateway.WallClockErrorNs = jump;
        }
        return true;
    }

    private bool Replay()
    {
        var isInjected = false;
        for (var i = 1 + simulation.Random.Below(8); i > 0; i--)
        {
            isInjected |= simulation.Network.Replay();
        }
        return isInjected;
    }

    private bool Hurt(SimulatedNode node)
    {
        if (!node.IsRunning)
        {
            return false;
        }
        node.Hurt(simulation.Random.Below(3));
        Plan(simulation.Random.Between(20 * Millisecond, 2000 * Millisecond), EventKind.ServersRestored, node.Index);
        return true;
    }

    private bool Disturb()
    {
        var number = simulation.Network.Disturb(simulation.Random.Below(300_000), simulation.Random.Between(Millisecond, 60 * Millisecond));
        Plan(simulation.Random.Between(20 * Millisecond, 500 * Millisecond), EventKind.NetworkCalms, 0, number);
        return true;
    }

    private void Plan(ulong delay, EventKind kind, int subject, int detail = 0) => simulation.Events.Add(simulation.NowNs + delay, kind, subject, detail);
}

using System.Net;
using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Api;

/// <summary>
/// Strangers who sit on the interface's connections: most say nothing, some send a request's headers byte by byte, some its body.
/// Who is refused or thrown out comes back.
/// </summary>
public sealed class Siege : IAsyncDisposable
{
    private const int SlowOnes = 200;
    private const int AtOnce = 500;
    private const int Parts = 20;
    private const int ATime = AtOnce / 4 / Parts; // of each troop
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1) / Parts;
    private static readonly IPAddress[] s_idle = [IPAddress.Parse("10.0.1.21"), IPAddress.Parse("10.0.1.22")];
    private static readonly IPAddress s_slowHeader = IPAddress.Parse("10.0.1.23");
    private static readonly IPAddress s_slowBody = IPAddress.Parse("10.0.1.24");

    private readonly BenchLab _lab;
    private readonly int _port;
    private readonly List<Troop> _troops;
    private readonly CancellationTokenSource _end;
    private Task _tending = Task.CompletedTask;

    private Siege(BenchLab lab, int port, int idle, CancellationToken cancellation)
    {
        _lab = lab;
        _port = port;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _troops =
        [
            .. s_idle.Select(address => new Troop(address, idle / s_idle.Length, "", "")),
            new Troop(s_slowHeader, SlowOnes, "GET /healthz HTTP/1.1\r\nHost: gateway\r\nX-Slow: ", "x"),
            new Troop(s_slowBody, SlowOnes, "POST /api/v1/failover HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{", " "),
        ];
    }

    /// <summary>Connections that were tried.</summary>
    public int Tried { get; private set; }

    /// <summary>Connections that the gateway holds now.</summary>
    public int Held => _troops.Sum(troop => troop.Members.Count(stranger => !stranger.IsOver));

    /// <summary>Gives the client's host the strangers' addresses, once per lab.</summary>
    public static async Task PrepareAsync(BenchLab lab, CancellationToken cancellation)
    {
        foreach (var address in s_idle.Append(s_slowHeader).Append(s_slowBody))
        {
            await lab.RequireAsync(LabHost.Client, ["ip", "addr", "replace", $"{address}/24", "dev", "eth0"], cancellation);
        }
    }

    /// <summary>Begins one: all of them have come when it returns.</summary>
    public static async Task<Siege> BeginAsync(BenchLab lab, int port, int idle, CancellationToken cancellation)
    {
        var siege = new Siege(lab, port, idle, cancellation);
        foreach (var troop in siege._troops)
        {
            for (var left = troop.Strength; left > 0; left -= AtOnce)
            {
                await siege.FillAsync(troop, AtOnce);
            }
        }

        siege._tending = siege.TendAsync();
        return siege;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _tending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _troops.ForEach(troop => troop.Members.ForEach(stranger => stranger.Dispose()));
        _end.Dispose();
    }

    /// <summary>A part of them at a time, each of them once a second: they are on the machine that is measured, and are to be an even load.</summary>
    private async Task TendAsync()
    {
        using var timer = new PeriodicTimer(s_pace);
        for (var part = 0; await timer.WaitForNextTickAsync(_end.Token); part = (part + 1) % Parts)
        {
            foreach (var troop in _troops)
            {
                foreach (var stranger in troop.Members.Where((_, i) => i % Parts == part).ToList())
                {
                    if (stranger.IsOver && troop.Missing < ATime)
                    {
                        troop.Members.Remove(stranger);
                        stranger.Dispose();
                    }
                    else if (troop.Drip.Length > 0)
                    {
                        stranger.TrySend(troop.Drip);
                    }
                }
                await FillAsync(troop, ATime);
            }
        }
    }

    /// <summary>Brings those who are missing.</summary>
    private async Task FillAsync(Troop troop, int most)
    {
        var missing = Math.Min(most, troop.Missing);
        Tried += missing;
        foreach (var stranger in await Stranger.ConnectAsync(_lab, troop.From, _port, missing, _end.Token))
        {
            stranger.TrySend(troop.Greeting);
            troop.Members.Add(stranger);
        }
    }

    private sealed record Troop(IPAddress From, int Strength, string Greeting, string Drip)
    {
        public List<Stranger> Members { get; } = [];

        public int Missing => Strength - Members.Count;
    }
}

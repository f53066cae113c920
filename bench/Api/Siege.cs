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
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);
    private static readonly IPAddress[] s_idle = [IPAddress.Parse("10.0.1.21"), IPAddress.Parse("10.0.1.22")];
    private static readonly IPAddress s_slowHeader = IPAddress.Parse("10.0.1.23");
    private static readonly IPAddress s_slowBody = IPAddress.Parse("10.0.1.24");

    private readonly BenchLab _lab;
    private readonly List<Troop> _troops;
    private readonly CancellationTokenSource _end;
    private Task _tending = Task.CompletedTask;

    private Siege(BenchLab lab, int idle, CancellationToken cancellation)
    {
        _lab = lab;
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
    public static async Task<Siege> BeginAsync(BenchLab lab, int idle, CancellationToken cancellation)
    {
        var siege = new Siege(lab, idle, cancellation);
        while (siege.Tried < idle + (2 * SlowOnes))
        {
            await siege.FillAsync(onlyMissing: true);
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

    private async Task TendAsync()
    {
        using var timer = new PeriodicTimer(s_pace);
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            await FillAsync(onlyMissing: false);
            foreach (var troop in _troops.Where(troop => troop.Drip.Length > 0))
            {
                troop.Members.ForEach(stranger => stranger.TrySend(troop.Drip));
            }
        }
    }

    /// <summary>Brings those back that are over, some at a time, and those who have not come yet.</summary>
    private async Task FillAsync(bool onlyMissing)
    {
        foreach (var troop in _troops)
        {
            if (!onlyMissing)
            {
                troop.Members.Where(stranger => stranger.IsOver).Take(AtOnce / _troops.Count).ToList().ForEach(stranger =>
                {
                    troop.Members.Remove(stranger);
                    stranger.Dispose();
                });
            }

            var missing = Math.Min(AtOnce, troop.Strength - troop.Members.Count);
            Tried += missing;
            foreach (var stranger in await Stranger.ConnectAsync(_lab, troop.From, missing, _end.Token))
            {
                stranger.TrySend(troop.Greeting);
                troop.Members.Add(stranger);
            }
        }
    }

    private sealed record Troop(IPAddress From, int Strength, string Greeting, string Drip)
    {
        public List<Stranger> Members { get; } = [];
    }
}

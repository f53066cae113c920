using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Appliance.Bench.Order;

/// <summary>A client of a Redis that increments one number that it shares with others, and keeps what it is answered.</summary>
public sealed class CountingClient(Socket socket, TimeSpan pause, int seed)
{
    private static readonly byte[] s_request = "INCR n\r\n"u8.ToArray();

#pragma warning disable CA5394 // Chooses moments, guards nothing.
    private readonly Random _random = new(seed);

    /// <summary>The answers.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>Its connection was reset.</summary>
    public bool IsReset { get; private set; }

    /// <summary>Its connection was closed, in good order, before an answer.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What it got in place of an answer; null if nothing.</summary>
    public string? Malformed { get; private set; }

    /// <summary>It waited for an answer when the end came.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Its connection went on.</summary>
    public bool IsCarried => !IsReset && !IsStuck && !IsClosed;

    /// <summary>The longest wait for an answer.</summary>
    public TimeSpan WorstGap { get; private set; }

    /// <summary>Counts until it is told to stop; what it has asked is answered then, or the time for that is up.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken giveUp)
    {
        var buffer = new byte[64];
        try
        {
            while (!stop.IsCancellationRequested && !IsClosed && Malformed is null)
            {
                var asked = TimeProvider.System.GetTimestamp();
                await socket.SendAsync(s_request, CancellationToken.None);
                var length = await HearAsync(buffer, giveUp);
                var gap = TimeProvider.System.GetElapsedTime(asked);
                WorstGap = gap > WorstGap ? gap : WorstGap;
                Take(Encoding.ASCII.GetString(buffer, 0, length));
                if (pause > TimeSpan.Zero)
                {
                    // Exponential, so that the clients are independent of each other.
                    await Task.Delay(-Math.Log(1 - _random.NextDouble()) * pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (SocketException)
        {
            IsReset = true;
        }
        catch (OperationCanceledException)
        {
            IsStuck = true;
        }
    }
#pragma warning restore CA5394

    private async Task<int> HearAsync(byte[] buffer, CancellationToken giveUp)
    {
        var length = 0;
        do
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), giveUp);
            if (received == 0)
            {
                break;
            }

            length += received;
        }
        while (buffer[length - 1] != (byte)'\n' && length < buffer.Length);
        return length;
    }

    private void Take(string answer)
    {
        if (answer.Length == 0)
        {
            IsClosed = true;
        }
        else if (answer.StartsWith(':') && answer.EndsWith("\r\n", StringComparison.Ordinal) && long.TryParse(answer[1..^2], CultureInfo.InvariantCulture, out var number))
        {
            Numbers.Add(number);
        }
        else
        {
            Malformed = answer;
        }
    }
}

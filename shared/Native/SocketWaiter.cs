using System.Net.Sockets;

namespace Appliance.Native;

/// <summary>Waits for input on a fixed set of sockets until another thread ends the wait. Does not own the sockets.</summary>
public sealed class SocketWaiter : IDisposable
{
    private readonly DescriptorPoller _poller = new();
    private readonly WakeUp _wakeUp = new();
    private readonly int _wake;

    /// <summary>Waits for these sockets, which stay open as long as anybody waits.</summary>
    public SocketWaiter(IEnumerable<Socket> sockets)
    {
        foreach (var socket in sockets)
        {
            _poller.Add((int)socket.SafeHandle.DangerousGetHandle(), write: false);
        }
        _wake = _poller.Add(_wakeUp.Descriptor, write: false);
    }

    /// <summary>Waits until something arrived on any socket, the time is over, or <see cref="WakeUp"/> was called. For one thread.</summary>
    public void Wait(TimeSpan timeout)
    {
        _poller.Wait(timeout);
        if (_poller.IsReadable(_wake))
        {
            _wakeUp.Reset();
        }
    }

    /// <summary>Ends the wait, or the next one. Thread-safe.</summary>
    public void WakeUp() => _wakeUp.Set();

    /// <inheritdoc/>
    public void Dispose() => _wakeUp.Dispose();
}

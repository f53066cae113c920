using System.Net;
using System.Net.Sockets;
using Appliance.Host;
using Appliance.Native;

namespace Appliance.RepairChannel;

/// <summary>
/// The gateway's end: listens on every heartbeat address, and keeps the sessions of peers that have not proven themselves.
/// One thread owns it: <see cref="AddTo"/> a poller, wait, then <see cref="Accept"/> until there is none.
/// </summary>
public sealed class ChannelListener : IDisposable
{
    /// <summary>Most peers that have not proven themselves; one more makes the one that waited longest go.</summary>
    public const int MaxUnproven = 16;

    private readonly ReadOnlyMemory<byte> _secret;
    private readonly ChannelOptions _options;
    private readonly Action<ChannelException> _refused;
    private readonly Socket[] _sockets;
    private readonly List<ChannelSession> _unproven = new(MaxUnproven);

    /// <summary>Binds every address.</summary>
    /// <param name="addresses">The heartbeat addresses; TCP has the same ports.</param>
    /// <param name="secret">The shared secret; kept by reference.</param>
    /// <param name="refused">Hears of each peer that was turned away. Strangers cause it: log it at a bounded rate.</param>
    /// <param name="options">Of the sessions.</param>
    /// <exception cref="StartupException">An address is not ours, or the port is taken.</exception>
    public ChannelListener(IReadOnlyList<IPEndPoint> addresses, ReadOnlyMemory<byte> secret, Action<ChannelException> refused, ChannelOptions? options = null)
    {
        (_secret, _refused, _options) = (secret, refused, options ?? ChannelOptions.Default);
        _sockets = new Socket[addresses.Count];
        for (var i = 0; i < _sockets.Length; i++)
        {
            _sockets[i] = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                _sockets[i].Bind(addresses[i]);
                _sockets[i].Listen(MaxUnproven);
            }
            catch (SocketException e)
            {
                Dispose();
                throw new StartupException($"heartbeat.bind: {addresses[i]}: {e.Message}: choose an address of this host and a free port, for UDP and TCP");
            }
        }
    }

    /// <summary>Where it listens.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _sockets.Select(s => (IPEndPoint)s.LocalEndPoint!);

    /// <summary>Peers that have not proven themselves.</summary>
    public int Unproven => _unproven.Count;

    /// <summary>Adds the descriptors that <see cref="Accept"/> serves.</summary>
    public void AddTo(DescriptorPoller poller)
    {
        foreach (var socket in _sockets)
        {
            poller.Add((int)socket.SafeHandle.DangerousGetHandle(), write: false);
        }
        foreach (var session in _unproven)
        {
            poller.Add(session.Descriptor, session.WantsWrite);
        }
    }

    /// <summary>
    /// Accepts who waits, goes on with the hellos and turns away who fails them. Call it when a descriptor is ready, and at least once a second.
    /// </summary>
    /// <param name="nowNs">CLOCK_MONOTONIC, nanoseconds.</param>
    /// <returns>
    /// A session that has become ready, which is the caller's from then on; null when there is none. Its frames are still in
    /// the kernel. A second session of a node is for the caller to judge: the later one is the living one.
    /// </returns>
    public ChannelSession? Accept(ulong nowNs)
    {
        foreach (var socket in _sockets)
        {
            AcceptFrom(socket, nowNs);
        }
        for (var i = 0; i < _unproven.Count;)
        {
            var session = _unproven[i];
            try
            {
                if (session.Greet(nowNs))
                {
                    _unproven.RemoveAt(i);
                    return session;
                }
                i++;
            }
            catch (ChannelException e)
            {
                _unproven.RemoveAt(i);
                session.Dispose();
                _refused(e);
            }
        }
        return null;
    }

    /// <summary>Closes the sockets and the sessions that nobody took.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket?.Dispose();
        }
        foreach (var session in _unproven)
        {
            session.Dispose();
        }
        _unproven.Clear();
    }

    private void AcceptFrom(Socket socket, ulong nowNs)
    {
        // A flood must not hold the thread; the rest waits for the next call.
        for (var i = 0; i < MaxUnproven && socket.Poll(0, SelectMode.SelectRead); i++)
        {
            try
            {
                var session = ChannelSession.Accept(socket.Accept(), _secret, nowNs, _options);
                if (_unproven.Count == MaxUnproven)
                {
                    _unproven[0].Dispose();
                    _refused(_unproven[0].End(ChannelFault.Crowded));
                    _unproven.RemoveAt(0);
                }
                _unproven.Add(session);
            }
            catch (ChannelException e)
            {
                _refused(e);
            }
            catch (SocketException)
            {
                // The peer has gone already, or this process is short of descriptors: the next call tries again.
                return;
            }
        }
    }
}

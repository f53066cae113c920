using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Lab.Traffic.Native;

/// <summary>
/// A TCP socket driven by plain system calls. Operations that a peer can make fail return the negated errno instead
/// of throwing; setting a socket up throws, because that failing is a mistake of this program or its machine.
/// </summary>
internal sealed unsafe class TcpSocket : SafeHandleMinusOneIsInvalid
{
    private TcpSocket(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The file descriptor, as a small key for tables.</summary>
    public int Descriptor => (int)handle;

    /// <summary>The local port.</summary>
    public int LocalPort
    {
        get
        {
            Span<byte> name = stackalloc byte[28];
            uint length = (uint)name.Length;
            fixed (byte* pointer = name)
            {
                Check(Libc.GetSocketName(this, pointer, ref length));
            }

            return (name[2] << 8) | name[3];
        }
    }

    /// <summary>A socket with Nagle's algorithm off.</summary>
    public static TcpSocket Create(AddressFamily family, bool nonBlocking)
    {
        int domain = family == AddressFamily.InterNetworkV6 ? 10 : 2;
        var socket = new TcpSocket(Libc.Socket(domain, Libc.SockStream | Flags(nonBlocking), Libc.ProtocolTcp));
        if (socket.IsInvalid)
        {
            throw new Win32Exception();
        }

        socket.SetNoDelay();
        return socket;
    }

    /// <summary>A listening socket; on the IPv6 wildcard address it takes IPv4 too.</summary>
    public static TcpSocket Listen(IPEndPoint endPoint, int backlog, bool nonBlocking)
    {
        TcpSocket socket = Create(endPoint.AddressFamily, nonBlocking);
        try
        {
            socket.SetInt(Libc.SolSocket, Libc.SoReuseAddress, 1);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.SetInt(Libc.ProtocolIPv6, Libc.IPv6Only, 0);
            }

            SocketAddress address = endPoint.Serialize();
            fixed (byte* pointer = address.Buffer.Span)
            {
                Check(Libc.Bind(socket, pointer, (uint)address.Size));
            }

            Check(Libc.Listen(socket, backlog));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes one waiting connection, or null if there is none.</summary>
    public TcpSocket? Accept(bool nonBlocking)
    {
        int descriptor = Libc.Accept(this, null, null, Flags(nonBlocking));
        if (descriptor < 0)
        {
            return null;
        }

        var accepted = new TcpSocket(descriptor);
        accepted.SetNoDelay();
        return accepted;
    }

    /// <summary>Starts, or with a send timeout continues, connecting; returns 0 or the errno.</summary>
    public int Connect(SocketAddress address)
    {
        fixed (byte* pointer = address.Buffer.Span)
        {
            return Libc.Connect(this, pointer, (uint)address.Size) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Returns the bytes read, 0 at the end of the stream, or the negated errno.</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint count = Libc.Receive(this, pointer, (nuint)buffer.Length, 0);
            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Returns the bytes taken, which may be fewer than given, or the negated errno.</summary>
    public int Send(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint count = Libc.Send(this, pointer, (nuint)buffer.Length, Libc.MessageNoSignal);
            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Sends the FIN; a connection that is gone already is left as it is.</summary>
    public void ShutdownWrite() => _ = Libc.Shutdown(this, Libc.ShutdownWrite);

    /// <summary>Reads and clears the pending error (SO_ERROR); 0 if there is none.</summary>
    public int TakeError()
    {
        int error = 0;
        uint length = sizeof(int);
        Check(Libc.GetOption(this, Libc.SolSocket, Libc.SoError, &error, ref length));
        return error;
    }

    /// <summary>Lets blocking calls return EAGAIN after <paramref name="milliseconds"/>.</summary>
    public void SetTimeouts(int milliseconds)
    {
        long* time = stackalloc long[2];
        time[0] = milliseconds / 1000;
        time[1] = milliseconds % 1000 * 1000L;
        Check(Libc.SetOption(this, Libc.SolSocket, Libc.SoReceiveTimeout, time, 16));
        Check(Libc.SetOption(this, Libc.SolSocket, Libc.SoSendTimeout, time, 16));
    }

    /// <summary>Fixes both socket buffers to <paramref name="bytes"/> each instead of letting them grow.</summary>
    public void SetBuffers(int bytes)
    {
        SetInt(Libc.SolSocket, Libc.SoReceiveBuffer, bytes);
        SetInt(Libc.SolSocket, Libc.SoSendBuffer, bytes);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;

    private static int Flags(bool nonBlocking) => Libc.SockCloseOnExec | (nonBlocking ? Libc.SockNonBlocking : 0);

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new Win32Exception();
        }
    }

    private void SetNoDelay() => SetInt(Libc.ProtocolTcp, Libc.TcpNoDelay, 1);

    private void SetInt(int level, int name, int value) =>
        Check(Libc.SetOption(this, level, name, &value, sizeof(int)));
}

using System.Runtime.InteropServices;

namespace Appliance.Lab.Traffic.Native;

/// <summary>The calls of the C library behind <see cref="TcpSocket"/> and <see cref="EventPoll"/>.</summary>
internal static unsafe partial class Libc
{
    public const int SockStream = 1;
    public const int SockNonBlocking = 0x800;
    public const int SockCloseOnExec = 0x80000;
    public const int ProtocolTcp = 6;
    public const int ProtocolIPv6 = 41;
    public const int SolSocket = 1;
    public const int SoReuseAddress = 2;
    public const int SoError = 4;
    public const int SoSendBuffer = 7;
    public const int SoReceiveBuffer = 8;
    public const int SoReceiveTimeout = 20;
    public const int SoSendTimeout = 21;
    public const int TcpNoDelay = 1;
    public const int IPv6Only = 26;
    public const int MessageNoSignal = 0x4000;
    public const int ShutdownWrite = 1;
    public const int EpollCloseOnExec = 0x80000;
    public const int EpollAdd = 1;
    public const int EpollModify = 3;
    public const int LimitOpenFiles = 7;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(TcpSocket socket, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(TcpSocket socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(TcpSocket socket, byte* address, uint* length, int flags);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(TcpSocket socket, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(TcpSocket socket, byte* address, ref uint length);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(TcpSocket socket, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(TcpSocket socket, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(TcpSocket socket, int how);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(TcpSocket socket, int level, int name, void* value, ref uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(TcpSocket socket, int level, int name, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(EpollHandle poll, int operation, TcpSocket socket, byte* change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(EpollHandle poll, byte* events, int capacity, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(nint descriptor);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, EntryPoint = "setrlimit", SetLastError = true)]
    public static partial int SetLimit(int resource, ulong* softAndHard);
}

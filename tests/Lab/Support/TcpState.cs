namespace Appliance.Tests.Lab.Support;

/// <summary>Linux's numbers of TCP states (include/net/tcp_states.h).</summary>
internal enum TcpState
{
    Established = 1,
    SynSent,
    SynReceived,
    FinWait1,
    FinWait2,
    TimeWait,
    Close,
    CloseWait,
    LastAck,
    Listen,
    Closing,
}

namespace Appliance.Lab.Traffic.Native;

/// <summary>The readiness bits of epoll.</summary>
[Flags]
internal enum PollEvents : uint
{
    None = 0,
    Readable = 0x001,
    Writable = 0x004,
    Error = 0x008,
    HangUp = 0x010,
}

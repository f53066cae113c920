using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>A session of libnftables. Tables with the flag <c>owner</c> that it makes vanish when it ends, however it ends.</summary>
internal sealed partial class Nftables : SafeHandle
{
    private const string Library = "libnftables.so.1";

    private Nftables(nint handle)
        : base(nint.Zero, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == nint.Zero;

    /// <summary>Begins a session in the calling thread's network namespace.</summary>
    /// <exception cref="DllNotFoundException">libnftables is not installed.</exception>
    public static Nftables Open()
    {
        var session = new Nftables(ContextNew(0));
        _ = BufferError(session);
        return session;
    }

    /// <summary>Runs commands of nft's language, all or none of them. Returns what is wrong with them, or null.</summary>
    public string? Run(string commands) =>
        RunCommand(this, commands) == 0 ? null : (Marshal.PtrToStringUTF8(ErrorBuffer(this)) ?? string.Empty).Trim().Split('\n')[0];

    protected override bool ReleaseHandle()
    {
        ContextFree(handle);
        return true;
    }

    [LibraryImport(Library, EntryPoint = "nft_ctx_new")]
    private static partial nint ContextNew(uint flags);

    [LibraryImport(Library, EntryPoint = "nft_ctx_free")]
    private static partial void ContextFree(nint context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_buffer_error")]
    private static partial int BufferError(Nftables context);

    [LibraryImport(Library, EntryPoint = "nft_ctx_get_error_buffer")]
    private static partial nint ErrorBuffer(Nftables context);

    [LibraryImport(Library, EntryPoint = "nft_run_cmd_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RunCommand(Nftables context, string commands);
}

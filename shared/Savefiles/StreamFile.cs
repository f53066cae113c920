using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Savefiles;

/// <summary>A C library's FILE over a stream: libpcap knows no other place to read from and write to. Leaves the stream open.</summary>
internal sealed unsafe class StreamFile
{
    private readonly Stream _stream;

    private StreamFile(Stream stream) => _stream = stream;

    /// <summary>Bytes that came from or went to the stream.</summary>
    public long Bytes { get; private set; }

    /// <summary>Has reading come to the stream's end?</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What the stream threw; exceptions must not cross the C library.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Opens the FILE; closing that ends this object's use.</summary>
    /// <param name="stream">Read or written synchronously, by the thread that calls libpcap.</param>
    /// <param name="mode">As fopen(3) takes it.</param>
    /// <param name="state">How the stream is doing.</param>
    public static nint Open(Stream stream, string mode, out StreamFile state)
    {
        state = new StreamFile(stream);
        var cookie = GCHandle.Alloc(state);
        var file = LibPcap.OpenCookie(GCHandle.ToIntPtr(cookie), mode, new LibPcap.FileFunctions { Read = &Read, Write = &Write, Close = &Close });
        if (file == nint.Zero)
        {
            cookie.Free();
            throw new InvalidOperationException("fopencookie failed: out of memory");
        }

        return file;
    }

    /// <summary>Throws what the stream threw, if it did.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
        {
            throw new IOException(Failure.Message, Failure);
        }
    }

    private static StreamFile Of(nint cookie) => (StreamFile)GCHandle.FromIntPtr(cookie).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Read(nint cookie, byte* buffer, nuint length)
    {
        var file = Of(cookie);
        try
        {
            var count = file._stream.Read(new Span<byte>(buffer, (int)Math.Min(length, int.MaxValue)));
            file.Bytes += count;
            file.HasEnded |= count == 0;
            return count;
        }
        catch (Exception exception)
        {
            file.Failure = exception;
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Write(nint cookie, byte* buffer, nuint length)
    {
        var file = Of(cookie);
        try
        {
            file._stream.Write(new ReadOnlySpan<byte>(buffer, (int)length));
            file.Bytes += (long)length;
            return (nint)length;
        }
        catch (Exception exception)
        {
            file.Failure = exception;
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(nint cookie)
    {
        GCHandle.FromIntPtr(cookie).Free();
        return 0;
    }
}

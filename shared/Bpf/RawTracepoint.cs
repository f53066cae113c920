using Microsoft.Win32.SafeHandles;

namespace Appliance.Bpf;

/// <summary>A program attached to a tracepoint of the kernel, with its raw arguments (BPF_RAW_TRACEPOINT_OPEN): needs no tracefs.</summary>
public sealed class RawTracepoint : IDisposable
{
    private readonly SafeFileHandle _attachment;

    private RawTracepoint(int descriptor) => _attachment = new SafeFileHandle(descriptor, ownsHandle: true);

    /// <summary>Attaches a program of a loaded object, until it is disposed of or the process ends.</summary>
    /// <exception cref="BpfException">EPERM without CAP_PERFMON; ENOENT where the kernel has no such tracepoint.</exception>
    public static RawTracepoint Attach(BpfObject obj, string program, string tracepoint)
    {
        BpfMessages.EnsureCaptured();
        var result = LibBpf.RawTracepointOpen(tracepoint, obj.ProgramFd(program));
        return result >= 0 ? new RawTracepoint(result) : throw new BpfException($"attach {program} to {tracepoint}", -result, BpfMessages.Take());
    }

    /// <summary>Detaches.</summary>
    public void Dispose() => _attachment.Dispose();
}

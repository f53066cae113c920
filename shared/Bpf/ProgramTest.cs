namespace Appliance.Bpf;

/// <summary>Runs a program once on a packet, without a device (BPF_PROG_TEST_RUN).</summary>
public static unsafe class ProgramTest
{
    /// <summary>Outcome: the verdict (TC_ACT_*) and the frame as the program left it.</summary>
    public readonly record struct Result(int Verdict, byte[] Frame);

    /// <summary>Runs <paramref name="program"/> on an Ethernet frame.</summary>
    /// <param name="context">An optional <c>struct __sk_buff</c> (mark, gso_size, gso_segs, ifindex …).</param>
    public static Result Run(BpfObject obj, string program, ReadOnlySpan<byte> frame, Span<byte> context = default)
    {
        var output = new byte[frame.Length + 4096];
        fixed (byte* input = frame)
        fixed (byte* result = output)
        fixed (byte* ctx = context)
        {
            var options = new LibBpf.TestRunNative
            {
                Size = (nuint)sizeof(LibBpf.TestRunNative),
                DataIn = input,
                DataSizeIn = (uint)frame.Length,
                DataOut = result,
                DataSizeOut = (uint)output.Length,
                ContextIn = context.IsEmpty ? null : ctx,
                ContextSizeIn = (uint)context.Length,
                ContextOut = context.IsEmpty ? null : ctx,
                ContextSizeOut = (uint)context.Length,
                Repeat = 1,
            };
            var error = LibBpf.ProgramTestRun(obj.ProgramFd(program), &options);
            return error < 0
                ? throw new BpfException($"test-run {program}", -error, BpfMessages.Take())
                : new Result((int)options.ReturnValue, output[..(int)options.DataSizeOut]);
        }
    }
}

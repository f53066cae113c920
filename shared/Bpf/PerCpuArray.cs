namespace Appliance.Bpf;

/// <summary>An array of 64-bit numbers of which each CPU has its own.</summary>
public sealed unsafe class PerCpuArray(BpfObject programs, string name)
{
    private readonly int _fd = programs.MapFd(name);
    private readonly ulong[] _perCpu = new ulong[LibBpf.PossibleCpus()];

    /// <summary>An element's sum over the CPUs; 0 when there is no such element.</summary>
    public ulong Sum(int index)
    {
        lock (_perCpu)
        {
            fixed (ulong* values = _perCpu)
            {
                if (LibBpf.MapLookup(_fd, &index, values) < 0)
                {
                    return 0;
                }
            }
            var sum = 0UL;
            foreach (var value in _perCpu)
            {
                sum += value;
            }
            return sum;
        }
    }
}

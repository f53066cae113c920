using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Bpf;

/// <summary>Keeps what libbpf would print, so that a failed load can say why in its exception.</summary>
internal static unsafe class BpfMessages
{
    private const int Kept = 24;
    private static readonly Lock Gate = new();
    private static readonly Queue<string> Lines = new();

    private static bool _installed;

    /// <summary>Called before the first native call, not at start: a program that never touches BPF runs without libbpf.</summary>
    public static void EnsureCaptured()
    {
        if (_installed)
        {
            return;
        }
        _installed = true;
        LibBpf.SetPrint(&Print);
    }

    /// <summary>The last lines, oldest first; clears them.</summary>
    public static string Take()
    {
        lock (Gate)
        {
            var text = string.Join('\n', Lines);
            Lines.Clear();
            return text;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, void* arguments)
    {
        const int Debug = 2;
        if (level >= Debug)
        {
            return 0;
        }
        const int Size = 4096;
        var buffer = stackalloc byte[Size];
        var length = Math.Min(LibBpf.FormatVariadic(buffer, Size, format, arguments), Size - 1);
        if (length > 0)
        {
            lock (Gate)
            {
                Lines.Enqueue(Encoding.UTF8.GetString(buffer, length).TrimEnd());
                if (Lines.Count > Kept)
                {
                    Lines.Dequeue();
                }
            }
        }
        return length;
    }
}

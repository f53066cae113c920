using System.Runtime.InteropServices;

namespace Appliance.Bpf;

/// <summary>
/// libbpf 1.x (Debian <c>libbpf1</c>), function for function. Pointers are raw here and nowhere else: the types beside
/// this file own them as SafeHandles. Since libbpf 1.0 functions return a negative errno, or null with errno set.
/// </summary>
internal static unsafe partial class LibBpf
{
    private const string Library = "libbpf.so.1";

    [LibraryImport(Library, EntryPoint = "bpf_object__open_mem", SetLastError = true)]
    public static partial nint ObjectOpenMem(byte* bytes, nuint size, nint options);

    [LibraryImport(Library, EntryPoint = "bpf_object__load", SetLastError = true)]
    public static partial int ObjectLoad(nint obj);

    [LibraryImport(Library, EntryPoint = "bpf_object__close")]
    public static partial void ObjectClose(nint obj);

    [LibraryImport(Library, EntryPoint = "bpf_object__find_map_by_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ObjectFindMap(nint obj, string name);

    [LibraryImport(Library, EntryPoint = "bpf_object__find_program_by_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ObjectFindProgram(nint obj, string name);

    [LibraryImport(Library, EntryPoint = "bpf_object__btf")]
    public static partial nint ObjectBtf(nint obj);

    [LibraryImport(Library, EntryPoint = "bpf_map__fd")]
    public static partial int MapFd(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_map__set_max_entries")]
    public static partial int MapSetMaxEntries(nint map, uint entries);

    [LibraryImport(Library, EntryPoint = "bpf_map__max_entries")]
    public static partial uint MapMaxEntries(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_map__reuse_fd")]
    public static partial int MapReuseFd(nint map, int fd);

    [LibraryImport(Library, EntryPoint = "bpf_map__type")]
    public static partial uint MapType(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_map__map_flags")]
    public static partial uint MapFlags(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_prog_get_fd_by_id")]
    public static partial int ProgramFdById(uint id);

    [LibraryImport(Library, EntryPoint = "bpf_map_get_fd_by_id")]
    public static partial int MapFdById(uint id);

    [LibraryImport(Library, EntryPoint = "bpf_obj_get_info_by_fd")]
    public static partial int InfoByFd(int fd, void* info, uint* length);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "bpf_map__key_size")]
    public static partial uint MapKeySize(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_map__value_size")]
    public static partial uint MapValueSize(nint map);

    [LibraryImport(Library, EntryPoint = "bpf_program__fd")]
    public static partial int ProgramFd(nint program);

    [LibraryImport(Library, EntryPoint = "bpf_map_lookup_elem")]
    public static partial int MapLookup(int fd, void* key, void* value);

    [LibraryImport(Library, EntryPoint = "bpf_map_update_elem")]
    public static partial int MapUpdate(int fd, void* key, void* value, ulong flags);

    [LibraryImport(Library, EntryPoint = "bpf_map_delete_elem")]
    public static partial int MapDelete(int fd, void* key);

    [LibraryImport(Library, EntryPoint = "bpf_map_lookup_batch")]
    public static partial int MapLookupBatch(int fd, void* inBatch, void* outBatch, void* keys, void* values, uint* count, nint options);

    [LibraryImport(Library, EntryPoint = "bpf_tc_hook_create")]
    public static partial int TcHookCreate(TcHookNative* hook);

    [LibraryImport(Library, EntryPoint = "bpf_tc_hook_destroy")]
    public static partial int TcHookDestroy(TcHookNative* hook);

    [LibraryImport(Library, EntryPoint = "bpf_tc_attach")]
    public static partial int TcAttach(TcHookNative* hook, TcOptionsNative* options);

    [LibraryImport(Library, EntryPoint = "bpf_tc_detach")]
    public static partial int TcDetach(TcHookNative* hook, TcOptionsNative* options);

    [LibraryImport(Library, EntryPoint = "bpf_raw_tracepoint_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RawTracepointOpen(string name, int programFd);

    [LibraryImport(Library, EntryPoint = "bpf_tc_query")]
    public static partial int TcQuery(TcHookNative* hook, TcOptionsNative* options);

    [LibraryImport(Library, EntryPoint = "libbpf_set_print")]
    public static partial nint SetPrint(delegate* unmanaged[Cdecl]<int, byte*, void*, int> print);

    [LibraryImport(Library, EntryPoint = "libbpf_num_possible_cpus")]
    public static partial int PossibleCpus();

    [LibraryImport(Library, EntryPoint = "btf__load_vmlinux_btf", SetLastError = true)]
    public static partial nint LoadVmlinuxBtf();

    [LibraryImport(Library, EntryPoint = "btf__free")]
    public static partial void BtfFree(nint btf);

    [LibraryImport(Library, EntryPoint = "btf__find_by_name_kind", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int BtfFind(nint btf, string name, uint kind);

    [LibraryImport(Library, EntryPoint = "btf__type_by_id")]
    public static partial uint* BtfType(nint btf, uint id);

    [LibraryImport(Library, EntryPoint = "btf__name_by_offset")]
    public static partial nint BtfName(nint btf, uint offset);

    [LibraryImport(Library, EntryPoint = "bpf_prog_test_run_opts")]
    public static partial int ProgramTestRun(int fd, TestRunNative* options);

    [LibraryImport("libc", EntryPoint = "vsnprintf")]
    public static partial int FormatVariadic(byte* buffer, nuint size, byte* format, void* arguments);

    /// <summary>struct bpf_tc_hook.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcHookNative
    {
        public nuint Size;
        public int InterfaceIndex;
        public int AttachPoint;
        public uint Parent;

        public static TcHookNative For(int ifindex, TcDirection direction) =>
            new() { Size = (nuint)sizeof(TcHookNative), InterfaceIndex = ifindex, AttachPoint = (int)direction };
    }

    /// <summary>struct bpf_tc_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcOptionsNative
    {
        public nuint Size;
        public int ProgramFd;
        public uint Flags;
        public uint ProgramId;
        public uint Handle;
        public uint Priority;
    }

    /// <summary>The beginning of struct bpf_prog_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProgramInfoNative
    {
        public uint Type;
        public uint Id;
        public ulong Tag;
        public uint JitedLength;
        public uint XlatedLength;
        public ulong JitedInstructions;
        public ulong XlatedInstructions;
        public ulong LoadTime;
        public uint CreatedByUid;
        public uint MapCount;
        public ulong MapIds;
    }

    /// <summary>The beginning of struct bpf_map_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MapInfoNative
    {
        public const int NameLength = 16;
        public uint Type;
        public uint Id;
        public uint KeySize;
        public uint ValueSize;
        public uint MaxEntries;
        public uint Flags;
        public fixed byte Name[NameLength];
    }

    /// <summary>struct bpf_test_run_opts.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TestRunNative
    {
        public nuint Size;
        public void* DataIn;
        public void* DataOut;
        public uint DataSizeIn;
        public uint DataSizeOut;
        public void* ContextIn;
        public void* ContextOut;
        public uint ContextSizeIn;
        public uint ContextSizeOut;
        public uint ReturnValue;
        public int Repeat;
        public uint Flags;
        public uint Cpu;
        public uint Duration;
        public uint BatchSize;
    }
}

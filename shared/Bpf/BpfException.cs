using System.ComponentModel;

namespace Appliance.Bpf;

/// <summary>A BPF operation failed: what was tried, the errno in words, and libbpf's or the verifier's last lines.</summary>
public sealed class BpfException(string operation, int errno, string? details = null)
    : Exception(Describe(operation, errno, details))
{
    /// <summary>Positive errno.</summary>
    public int Errno { get; } = errno;

    private static string Describe(string operation, int errno, string? details)
    {
        var text = $"{operation}: {new Win32Exception(errno).Message} (errno {errno})";
        return string.IsNullOrWhiteSpace(details) ? text : $"{text}\n{details}";
    }
}

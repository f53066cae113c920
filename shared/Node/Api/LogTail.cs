using System.Text;

namespace Appliance.Node.Api;

/// <summary>The end of a log file, however large the file.</summary>
public static class LogTail
{
    private const int MostBytes = 1 << 20;

    /// <summary>The last lines, as far as they are in the last mebibyte.</summary>
    public static string Read(string file, int lines)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Max(0, stream.Length - MostBytes);
        var isCut = stream.Position > 0;
        var buffer = new byte[MostBytes];
        var text = Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, MostBytes, throwOnEndOfStream: false));
        var all = text.TrimEnd('\n').Split('\n').AsSpan(isCut ? 1 : 0);
        return string.Join('\n', all[Math.Max(0, all.Length - lines)..].ToArray()) + "\n";
    }
}

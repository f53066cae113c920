namespace Appliance.Configuration;

/// <summary>Secrets that a configuration names by the setting <c>secretFile</c>.</summary>
public static class SecretFile
{
    private const string Field = "secretFile";

    /// <summary>Reads the key that authenticates heartbeats, at least 16 bytes in hexadecimal; reports why it cannot be used.</summary>
    public static byte[] Read(ConfigNode root)
    {
        const int Least = 16;
        var text = ReadText(root, $"file with the key that authenticates heartbeats, the same on all machines: at least {Least} bytes in hexadecimal, not readable by everybody (openssl rand -hex 32)", "/etc/appliance/control.key", out var path);
        try
        {
            var key = Convert.FromHexString(text);
            if (text.Length > 0 && key.Length < Least)
            {
                root.Error(Field, $"{path} holds {key.Length} bytes, at least {Least} are needed: openssl rand -hex 32 > {path}");
            }
            return key;
        }
        catch (FormatException)
        {
            root.Error(Field, $"{path} must hold hexadecimal digits: openssl rand -hex 32 > {path}");
            return [];
        }
    }

    /// <summary>Reads what the file holds, without white space around it; empty, with an error, when it cannot be used.</summary>
    public static string ReadText(ConfigNode node, string meaning, string example, out string path)
    {
        path = node.Text(Field, meaning, example: example);
        if (path.Length == 0)
        {
            return string.Empty;
        }
        try
        {
            var text = File.ReadAllText(path).Trim();
            if (text.Length == 0)
            {
                node.Error(Field, $"{path} is empty: openssl rand -hex 32 > {path}");
            }
            if ((File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            {
                node.Error(Field, $"{path} can be read by everybody: chmod 600 {path}");
            }
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            node.Error(Field, $"cannot be read: {e.Message}");
            return string.Empty;
        }
    }
}

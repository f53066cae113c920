namespace Appliance.Configuration;

/// <summary>The key that authenticates heartbeats: a file with at least 16 bytes in hexadecimal.</summary>
public static class SecretFile
{
    /// <summary>Reads the file named by <c>secretFile</c>; reports why it cannot be used.</summary>
    public static byte[] Read(ConfigNode root)
    {
        const int Least = 16;
        var path = root.Text("secretFile");
        if (path.Length == 0)
        {
            return [];
        }
        try
        {
            var key = Convert.FromHexString(File.ReadAllText(path).Trim());
            if (key.Length < Least)
            {
                root.Error("secretFile", $"{path} holds {key.Length} bytes, at least {Least} are needed: openssl rand -hex 32 > {path}");
            }
            if ((File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            {
                root.Error("secretFile", $"{path} can be read by everybody: chmod 600 {path}");
            }
            return key;
        }
        catch (FormatException)
        {
            root.Error("secretFile", $"{path} must hold hexadecimal digits: openssl rand -hex 32 > {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            root.Error("secretFile", $"cannot be read: {e.Message}");
        }
        return [];
    }
}

using System.Text;

namespace Appliance.Tests.Unit.Recording.Store;

/// <summary>Redis Cluster's slot of a key: CRC-16/XMODEM of its hash tag, modulo 16384, as the cluster specification says.</summary>
internal static class ClusterSlot
{
    public static int Of(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : key.IndexOf('}', open + 1);
        var crc = 0;
        foreach (var b in Encoding.UTF8.GetBytes(close > open + 1 ? key[(open + 1)..close] : key))
        {
            crc ^= b << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
        }
        return (crc & 0xffff) % 16384;
    }
}

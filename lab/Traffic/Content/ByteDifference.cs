namespace Appliance.Lab.Traffic.Content;

/// <summary>Counts differing bytes, for reports of corruption.</summary>
internal static class ByteDifference
{
    /// <summary>How many bytes at the same place differ in two spans of one length.</summary>
    public static int Count(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int count = 0;
        for (int i = 0; i < left.Length; i++)
        {
            count += left[i] == right[i] ? 0 : 1;
        }

        return count;
    }
}

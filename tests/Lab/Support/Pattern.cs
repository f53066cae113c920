using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Support;

/// <summary>Bytes in which every position differs from its surroundings, so that a shift or a gap shows.</summary>
internal static class Pattern
{
    /// <summary>That many bytes.</summary>
    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 2_654_435_761L) >> 13);
        }

        return bytes;
    }

    /// <summary>Asserts that these are that many bytes of the pattern.</summary>
    public static void AssertIs(ReadOnlySpan<byte> actual, int length)
    {
        Assert.AreEqual(length, actual.Length);
        Assert.AreEqual(length, actual.CommonPrefixLength(Bytes(length)), "the first wrong byte");
    }
}

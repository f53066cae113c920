using System.Security.Cryptography;
using Appliance.Lab.Traffic.Content;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class TrafficPatternTests
{
    [TestMethod]
    public void SlicesOfAnySizeJoinToTheSameStream()
    {
        const int Length = (3 * TrafficPattern.BlockSize) + 12_345;
        byte[] whole = Read(new TrafficPattern(7), 0, Length, TrafficPattern.BlockSize);
        CollectionAssert.AreEqual(whole, Read(new TrafficPattern(7), 0, Length, 1_447));
        CollectionAssert.AreEqual(whole[500_000..], Read(new TrafficPattern(7), 500_000, Length - 500_000, 65_536));
    }

    /// <summary>Two servers of different builds must stream the same, so the content itself is pinned.</summary>
    [TestMethod]
    public void ContentIsPinned()
    {
        string expected = Convert.ToHexStringLower(SHA256.HashData(Read(new TrafficPattern(1), 0, 1_000_000, 999)));
        Assert.AreEqual(expected, new TrafficPattern(1).Sha256(1_000_000), StringComparer.Ordinal);
        Assert.AreEqual("ab5bbc4f95304c138aaa050943054c83406b725ea3c7fc13c0a11c4f3d83f685", expected, StringComparer.Ordinal);
    }

    [TestMethod]
    public void SeedsChooseDifferentStreams()
    {
        var first = new TrafficPattern(1);
        for (ulong seed = 2; seed < 200; seed++)
        {
            Assert.IsFalse(first.Slice(0, 64).SequenceEqual(new TrafficPattern(seed).Slice(0, 64)), $"seed {seed}");
        }
    }

    [TestMethod]
    public void NoTwoBlocksAreAlike()
    {
        const int Blocks = 1 << 14;
        var seen = new HashSet<UInt128>();
        var pattern = new TrafficPattern(3);
        for (long block = 0; block < Blocks; block++)
        {
            ReadOnlySpan<byte> start = pattern.Slice(block * TrafficPattern.BlockSize, 16);
            Assert.IsTrue(seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(start)), $"block {block}");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(1_448)]
    [DataRow(4_096)]
    [DataRow(65_483)]
    [DataRow(TrafficPattern.BlockSize)]
    [DataRow(4 * TrafficPattern.BlockSize)]
    public void DisplacedSegmentsAreNoticed(int displacement)
    {
        const int Segment = 16;
        var pattern = new TrafficPattern(11);
        for (long position = 0; position < 5_000_000; position += 997)
        {
            byte[] right = Read(pattern, position, Segment, Segment);
            byte[] wrong = Read(pattern, position + displacement, Segment, Segment);
            CollectionAssert.AreNotEqual(right, wrong, $"at {position}");
        }
    }

    internal static byte[] Read(TrafficPattern pattern, long position, int length, int step)
    {
        byte[] result = new byte[length];
        for (int done = 0; done < length;)
        {
            ReadOnlySpan<byte> slice = pattern.Slice(position + done, Math.Min(step, length - done));
            slice.CopyTo(result.AsSpan(done));
            done += slice.Length;
        }

        return result;
    }
}

using Appliance.Lab.Traffic.Content;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class PatternVerifierTests
{
    private const int Length = 700_000;

    private readonly TrafficPattern _pattern = new(5);

    [TestMethod]
    [DataRow(1_448)]
    [DataRow(262_144)]
    [DataRow(Length)]
    public void AcceptsTheStreamInAnyPieces(int piece)
    {
        PatternVerifier verifier = Verify(Stream(), piece);
        Assert.AreEqual(0, verifier.Mismatches);
        Assert.AreEqual(Length, verifier.Position);
        Assert.IsNull(verifier.FirstMismatch);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(262_143)]
    [DataRow(262_144)]
    [DataRow(Length - 1)]
    public void NoticesASingleFlippedBit(int offset)
    {
        byte[] stream = Stream();
        stream[offset] ^= 0x10;
        PatternVerifier verifier = Verify(stream, 65_536);
        Assert.AreEqual(1, verifier.Mismatches);
        Assert.AreEqual(offset, verifier.FirstMismatch);
        Assert.AreEqual(Length, verifier.Position);
    }

    [TestMethod]
    public void CountsEachCorruptedByte()
    {
        byte[] stream = Stream();
        stream[10] ^= 1;
        stream[262_200] ^= 2;
        stream[262_201] ^= 4;
        var verifier = new PatternVerifier(_pattern);
        Assert.AreEqual(1, verifier.Verify(stream.AsSpan(0, 262_200)));
        Assert.AreEqual(2, verifier.Verify(stream.AsSpan(262_200)));
        Assert.AreEqual(3, verifier.Mismatches);
        Assert.AreEqual(10, verifier.FirstMismatch);
    }

    [TestMethod]
    public void NoticesAMissingByte()
    {
        byte[] stream = Stream();
        PatternVerifier verifier = Verify([.. stream[..1000], .. stream[1001..]], 65_536);
        Assert.IsGreaterThan(Length / 2, verifier.Mismatches);
    }

    [TestMethod]
    public void NoticesARepeatedSegment()
    {
        byte[] stream = Stream();
        stream.AsSpan(100_000, 1_448).CopyTo(stream.AsSpan(101_448));
        PatternVerifier verifier = Verify(stream, 65_536);
        Assert.IsGreaterThan(1_300, verifier.Mismatches);
        Assert.IsLessThanOrEqualTo(1_448, verifier.Mismatches);
    }

    private byte[] Stream() => TrafficPatternTests.Read(_pattern, 0, Length, Length);

    private PatternVerifier Verify(byte[] stream, int piece)
    {
        var verifier = new PatternVerifier(_pattern);
        for (int position = 0; position < stream.Length; position += piece)
        {
            verifier.Verify(stream.AsSpan(position, Math.Min(piece, stream.Length - position)));
        }

        return verifier;
    }
}

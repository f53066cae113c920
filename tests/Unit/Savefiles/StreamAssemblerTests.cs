using Appliance.Lab.Savefiles;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.Savefiles;

/// <summary>Segments in any order and overlap. A number stands for one segment: place, length, and which copy of the stream it is of.</summary>
[TestClass]
public sealed class StreamAssemblerTests
{
    private const int Length = 64;

    [TestMethod]
    public void The_first_copy_of_every_byte_wins() => Hold(static numbers =>
    {
        var assembler = new StreamAssembler();
        var model = new byte?[Length];
        var sources = new long[Length];
        var conflicts = 0;
        foreach (var (number, index) in numbers.Select((n, i) => (n, i)))
        {
            var (offset, bytes) = Segment(number);
            assembler.Add(new StreamPiece(offset, bytes, index, index));
            for (var i = 0; i < bytes.Length; i++)
            {
                conflicts += model[offset + i] is { } held && held != bytes[i] ? 1 : 0;
                sources[offset + i] = model[offset + i] is null ? index : sources[offset + i];
                model[offset + i] ??= bytes[i];
            }
        }

        var result = new byte?[Length];
        var end = 0L;
        foreach (var piece in assembler.Pieces)
        {
            Assert.IsGreaterThanOrEqualTo(end, piece.Offset, "in order, without overlaps");
            Assert.IsGreaterThan(0, piece.Bytes.Length);
            end = piece.End;
            for (var i = 0; i < piece.Bytes.Length; i++)
            {
                result[piece.Offset + i] = piece.Bytes.Span[i];
                Assert.AreEqual(sources[piece.Offset + i], piece.After, "a byte keeps what it came with");
            }
        }

        CollectionAssert.AreEqual(model, result);
        Assert.AreEqual(conflicts, assembler.ConflictingBytes);
    });

    private static (int Offset, byte[] Bytes) Segment(int number)
    {
        var offset = number & (Length - 1);
        var length = Math.Min((number >> 6) & 31, Length - offset);
        var copy = (number >> 11) & 1;
        return (offset, [.. Enumerable.Range(offset, length).Select(i => (byte)(i + (copy * 100 * (i % 2))))]);
    }

    private static void Hold(Action<int[]> property) =>
        Prop.ForAll(Gen.Choose(0, 0xfff).ArrayOf().ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}

using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

[TestClass]
public sealed class PieceOrderTests
{
    [TestMethod]
    [DataRow("0+10 10+5", 0, "0+10 10+5")]
    [DataRow("10+5 0+10", 0, "0+10 10+5")]
    [DataRow("0+10 0+10 5+10", 0, "0+10 10+5")]
    [DataRow("0+10 20+5", 0, "0+10 20+5", DisplayName = "a gap stays")]
    [DataRow("0+10 10+5", 10, "10+5")]
    [DataRow("0+10 10+5", 4, "4+6 10+5")]
    [DataRow("0+10 0+5 2+3", 0, "0+10")]
    [DataRow("0+10 10+0F", 0, "0+10 10+0F", DisplayName = "a FIN alone")]
    [DataRow("0+10F 10+0F", 0, "0+10F", DisplayName = "a FIN twice")]
    [DataRow("0+10 5+5F", 0, "0+10 10+0F", DisplayName = "a FIN with bytes that are there")]
    [DataRow("", 0, "")]
    public void Each_byte_comes_once_and_in_order(string pieces, int start, string expected)
    {
        var arranged = PieceOrder.Arrange(pieces.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse), start);
        Assert.AreEqual(expected, string.Join(' ', arranged.Select(p => $"{p.Offset}+{p.Bytes.Length}{(p.Fin ? "F" : "")}")));
        Assert.IsTrue(arranged.TrueForAll(p => p.Bytes.Select((b, i) => b == (byte)(p.Offset + i)).All(same => same)));
    }

    private static SavedPiece Parse(string text)
    {
        var parts = text.TrimEnd('F').Split('+');
        var (offset, length) = (int.Parse(parts[0]), int.Parse(parts[1]));
        return new SavedPiece(offset, 7, text.EndsWith('F'), [.. Enumerable.Range(offset, length).Select(i => (byte)i)]);
    }
}

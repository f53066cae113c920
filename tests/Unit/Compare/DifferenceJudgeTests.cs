using System.Text;
using Appliance.Lab.Compare;

namespace Appliance.Tests.Unit.Compare;

/// <summary>What two servers that differ typically differ in.</summary>
[TestClass]
public sealed class DifferenceJudgeTests
{
    [TestMethod]
    [DataRow("HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 01:00:00 GMT\r\n", "HTTP/1.1 200 OK\r\nDate: Fri, 27 Nov 2026 01:00:01 GMT\r\n", DifferenceKind.Clock)]
    [DataRow("now 2026-11-27T01:00:00.1Z\n", "now 2026-11-27T01:00:00.2Z\n", DifferenceKind.Clock)]
    [DataRow("Set-Cookie: id=3f9a0c11d2e4; path=/\n", "Set-Cookie: id=77be0c99ff01; path=/\n", DifferenceKind.RandomIdentifier)]
    [DataRow("id 0e984725-c51c-4bf4-9960-e1c80e27aba0\n", "id 1b4e28ba-2fa1-11d2-883f-0016d3cca427\n", DifferenceKind.RandomIdentifier)]
    [DataRow(":41\r\n", ":42\r\n", DifferenceKind.Number)]
    [DataRow("227 Entering Passive Mode (10,0,2,100,156,64)\r\n", "227 Entering Passive Mode (10,0,2,100,182,9)\r\n", DifferenceKind.Number)]
    [DataRow("b\na\nc\n", "c\nb\na\n", DifferenceKind.Order)]
    [DataRow("\u0016\u0003\u0003abcdef", "\u0016\u0003\u0003xyz", DifferenceKind.KeyExchange)]
    [DataRow("SSH-2.0-x\r\n\u0001\u0002", "SSH-2.0-x\r\n\u0003\u0004", DifferenceKind.KeyExchange)]
    [DataRow("abc", "abcd", DifferenceKind.Length)]
    [DataRow("", "a", DifferenceKind.Length)]
    [DataRow("yes please", "no, thanks", DifferenceKind.Unknown)]
    [DataRow("version 1.2.3 of 01:00:00", "version 9.9.9 of 01:00:01", DifferenceKind.Unknown, DisplayName = "more than the time differs")]
    public void It_is_told_from_the_bytes(string first, string second, DifferenceKind kind)
    {
        var difference = DifferenceJudge.Compare(Of(first), Of(second))!;
        Assert.AreEqual(kind, difference.Kind);
        Assert.AreEqual(first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count(), difference.Offset);
        Assert.IsGreaterThan(20, difference.Remedy.Length);
    }

    [TestMethod]
    public void What_is_equal_does_not_differ()
    {
        Assert.IsNull(DifferenceJudge.Compare(Of("same"), Of("same")));
        Assert.IsNull(DifferenceJudge.Compare(Of(""), Of("")));
    }

    [TestMethod]
    public void A_close_that_only_one_makes_is_a_difference() =>
        Assert.AreEqual(DifferenceKind.Close, DifferenceJudge.Compare(Of("same"), Of("same", isClosed: true))!.Kind);

    [TestMethod]
    public void Both_texts_are_shown_in_printable_letters()
    {
        var difference = DifferenceJudge.Compare(Of(new string('x', 100) + "\r\nA\u0001"), Of(new string('x', 100) + "\r\nB\u0001"))!;
        StringAssert.EndsWith(difference.First, "x\\r\\nA\\x01", StringComparison.Ordinal);
        StringAssert.EndsWith(difference.Second, "x\\r\\nB\\x01", StringComparison.Ordinal);
    }

    private static Output Of(string text, bool isClosed = false) => new(Encoding.Latin1.GetBytes(text), isClosed);
}

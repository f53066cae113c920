using System.Text;
using Appliance.Lab.Traffic.Content;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class StreamRequestTests
{
    [TestMethod]
    [DataRow("GET 0 0", StreamVerb.Get, 0L, 0UL)]
    [DataRow("GET 9223372036854775807 18446744073709551615", StreamVerb.Get, long.MaxValue, ulong.MaxValue)]
    [DataRow("PUT 1048576 7 compare", StreamVerb.PutCompare, 1_048_576L, 7UL)]
    [DataRow("PUT 5 00012 sha256", StreamVerb.PutSha256, 5L, 12UL)]
    public void ReadsValidLines(string line, StreamVerb verb, long bytes, ulong seed)
    {
        Assert.IsTrue(StreamRequest.TryParse(Encoding.ASCII.GetBytes(line), out StreamRequest request, out StreamRequestError error));
        Assert.AreEqual(new StreamRequest(verb, bytes, seed), request);
        Assert.AreEqual(StreamRequestError.None, error);
    }

    [TestMethod]
    [DataRow("", StreamRequestError.UnknownVerb)]
    [DataRow(" ", StreamRequestError.UnknownVerb)]
    [DataRow("get 1 1", StreamRequestError.UnknownVerb)]
    [DataRow("GETX 1 1", StreamRequestError.UnknownVerb)]
    [DataRow("\0\0\0\0", StreamRequestError.UnknownVerb)]
    [DataRow("GET", StreamRequestError.BadLength)]
    [DataRow("GET ", StreamRequestError.BadLength)]
    [DataRow("GET  1 1", StreamRequestError.BadLength)]
    [DataRow("GET -1 1", StreamRequestError.BadLength)]
    [DataRow("GET +1 1", StreamRequestError.BadLength)]
    [DataRow("GET 1e9 1", StreamRequestError.BadLength)]
    [DataRow("GET 0x10 1", StreamRequestError.BadLength)]
    [DataRow("GET 9223372036854775808 1", StreamRequestError.BadLength)]
    [DataRow("GET 18446744073709551616 1", StreamRequestError.BadLength)]
    [DataRow("GET 99999999999999999999999999999999999999 1", StreamRequestError.BadLength)]
    [DataRow("GET 1", StreamRequestError.BadSeed)]
    [DataRow("GET 1 ", StreamRequestError.BadSeed)]
    [DataRow("GET 1 1\r", StreamRequestError.BadSeed)]
    [DataRow("GET 1 1 ", StreamRequestError.BadSeed)]
    [DataRow("GET 1 1 compare", StreamRequestError.BadSeed)]
    [DataRow("GET 1 18446744073709551616", StreamRequestError.BadSeed)]
    [DataRow("PUT 1", StreamRequestError.BadSeed)]
    [DataRow("PUT 1 1", StreamRequestError.BadMode)]
    [DataRow("PUT 1 1 md5", StreamRequestError.BadMode)]
    [DataRow("PUT 1 1 compare ", StreamRequestError.BadMode)]
    [DataRow("PUT 1 1  sha256", StreamRequestError.BadMode)]
    public void RefusesOtherLines(string line, StreamRequestError expected)
    {
        Assert.IsFalse(StreamRequest.TryParse(Encoding.ASCII.GetBytes(line), out StreamRequest request, out StreamRequestError error));
        Assert.AreEqual(expected, error);
        Assert.AreEqual(default, request);
    }

    [TestMethod]
    public void RandomBytesNeverThrow()
    {
        var random = new Random(1);
        byte[] valid = "PUT 1048576 7 compare"u8.ToArray();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] line = valid[..random.Next(valid.Length + 1)];
            for (int flips = random.Next(4); flips > 0 && line.Length > 0; flips--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            bool parsed = StreamRequest.TryParse(line, out _, out StreamRequestError error);
            Assert.AreEqual(parsed, error == StreamRequestError.None);
            Assert.IsFalse(StreamReply.TryParse(line, out _));
        }
    }

    [TestMethod]
    [DataRow(StreamVerb.Get)]
    [DataRow(StreamVerb.PutCompare)]
    [DataRow(StreamVerb.PutSha256)]
    public void WritesWhatItReads(StreamVerb verb)
    {
        var request = new StreamRequest(verb, long.MaxValue, ulong.MaxValue);
        byte[] line = new byte[StreamRequest.MaxLine];
        int length = request.Write(line);
        Assert.AreEqual((byte)'\n', line[length - 1]);
        Assert.IsTrue(StreamRequest.TryParse(line.AsSpan(0, length - 1), out StreamRequest read, out _));
        Assert.AreEqual(request, read);
    }

    [TestMethod]
    public void ReadsRepliesAndRefusesOthers()
    {
        var reply = new StreamReply(17, new TrafficPattern(1).Sha256(17));
        byte[] line = reply.ToBytes();
        Assert.IsLessThanOrEqualTo(StreamReply.MaxLine, line.Length);
        Assert.IsTrue(StreamReply.TryParse(line.AsSpan(0, line.Length - 1), out StreamReply read));
        Assert.AreEqual(reply, read);
        foreach (string bad in new[] { "", "OK", "OK 1", "OK 1 ", "OK x 0", "OK 1 0 ", "OK 1 G", "ERR 1 0", "OK 9223372036854775808 0" })
        {
            Assert.IsFalse(StreamReply.TryParse(Encoding.ASCII.GetBytes(bad), out _), bad);
        }
    }
}

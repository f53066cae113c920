using System.Text;
using Appliance.Lab.Demo.Workloads.Nginx;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class HttpResponseHeadTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\ncontent-length: 268435456\r\nConnection: close\r\n\r\n";

    [TestMethod]
    public void Reads_status_length_and_where_the_body_begins()
    {
        Assert.IsTrue(HttpResponseHead.TryRead(Bytes(Head + "body\r\n\r\n"), out var head));
        Assert.AreEqual(new HttpResponseHead(200, 268_435_456, Head.Length), head);
    }

    [TestMethod]
    public void No_part_of_a_head_is_complete()
    {
        for (var length = 0; length < Head.Length; length++)
        {
            Assert.IsFalse(HttpResponseHead.IsComplete(Bytes(Head[..length])));
            Assert.IsFalse(HttpResponseHead.TryRead(Bytes(Head[..length]), out _));
        }

        Assert.IsTrue(HttpResponseHead.IsComplete(Bytes(Head)));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 404 Not Found\r\n\r\n", 404)]
    [DataRow("HTTP/1.0 500\r\nContent-Length: -4\r\n\r\n", 500)]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", 200)]
    public void Knows_when_there_is_no_length(string text, int status)
    {
        Assert.IsTrue(HttpResponseHead.TryRead(Bytes(text), out var head));
        Assert.AreEqual(status, head.Status);
        Assert.AreEqual(-1, head.ContentLength);
    }

    [TestMethod]
    [DataRow("\r\n\r\n")]
    [DataRow("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [DataRow("HTTP/1.1 2x0 OK\r\n\r\n")]
    [DataRow("HTTP/1.1 OK\r\n\r\n")]
    public void Refuses_other_protocols(string text) => Assert.IsFalse(HttpResponseHead.TryRead(Bytes(text), out _));

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}

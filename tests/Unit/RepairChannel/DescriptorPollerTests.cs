using System.Net;
using System.Net.Sockets;
using Appliance.Native;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.RepairChannel;

[TestClass]
public sealed class DescriptorPollerTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    private readonly Socket _one = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _other;
    private readonly DescriptorPoller _poller = new();

    public DescriptorPollerTests()
    {
        using var listener = ChannelPair.Listen(out IPEndPoint endPoint);
        _one.Connect(endPoint);
        _other = listener.Accept();
    }

    [TestMethod]
    public void Room_to_write_is_told_where_it_was_asked_for()
    {
        var (one, other) = (_poller.Add(Descriptor(_one), write: true), _poller.Add(Descriptor(_other), write: false));
        Assert.AreEqual(1, _poller.Wait(Long));
        Assert.AreEqual((false, true), (_poller.IsReadable(one), _poller.IsWritable(one)));
        Assert.AreEqual((false, false), (_poller.IsReadable(other), _poller.IsWritable(other)));
    }

    [TestMethod]
    public void Input_is_told_and_so_is_the_end()
    {
        _other.Send([1]);
        var one = _poller.Add(Descriptor(_one), write: false);
        Assert.AreEqual(1, _poller.Wait(Long));
        Assert.AreEqual((true, false), (_poller.IsReadable(one), _poller.IsWritable(one)));
        _one.Receive(new byte[1]);
        Assert.AreEqual(0, _poller.Wait(TimeSpan.Zero));
        Assert.IsFalse(_poller.IsReadable(one));
        _other.Dispose();
        Assert.AreEqual(1, _poller.Wait(Timeout.InfiniteTimeSpan));
        Assert.IsTrue(_poller.IsReadable(one));
    }

    [TestMethod]
    public void The_set_may_change_and_grow()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.AreEqual(i, _poller.Add(Descriptor(_one), write: i % 2 == 0));
        }
        Assert.AreEqual(50, _poller.Wait(Long));
        Assert.IsTrue(_poller.IsWritable(98));
        Assert.IsFalse(_poller.IsWritable(99));
        _poller.Clear();
        Assert.AreEqual(0, _poller.Add(Descriptor(_other), write: false));
        Assert.AreEqual(1, _poller.Count);
        Assert.AreEqual(0, _poller.Wait(TimeSpan.Zero));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _poller.IsReadable(1));
    }

    [TestMethod]
    public void A_closed_descriptor_is_a_mistake()
    {
        _poller.Add(int.MaxValue, write: false);
        Assert.ThrowsExactly<ArgumentException>(() => _poller.Wait(TimeSpan.Zero));
    }

    [TestMethod]
    public void Nothing_is_allocated()
    {
        var descriptor = Descriptor(_one);
        void Turns()
        {
            for (var i = 0; i < 100; i++)
            {
                _poller.Clear();
                _poller.Add(descriptor, write: true);
                _poller.Wait(Long);
            }
        }
        Turns();
        Assert.AreEqual(0, AllocatedBytes.Of(Turns));
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();
}

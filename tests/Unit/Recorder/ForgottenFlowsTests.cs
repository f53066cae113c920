using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>Connections that the programs do not know any more.</summary>
[TestClass]
public sealed class ForgottenFlowsTests
{
    private readonly RecorderScene _scene = new();
    private readonly Dictionary<FlowKey, uint> _known = [];
    private readonly List<RecordedFlow> _closed = [];

    [TestMethod]
    public void They_are_closed_when_they_are_older_than_a_look()
    {
        var (kept, gone, replaced) = (_scene.Open(Ends.V4), _scene.Open(Ends.V4.At(80)), _scene.Open(Ends.V6));
        (_known[kept.Key], _known[replaced.Key]) = (kept.ClientIsn, replaced.ClientIsn + 1);
        var forgotten = new ForgottenFlows(_scene.Recordings, Find, _closed.Add);
        _scene.Pass(100);
        forgotten.Review(_scene.Now);
        Assert.IsEmpty(_closed, "their beginning may not have come to the programs' table yet");
        _scene.Pass(6000);
        forgotten.Review(_scene.Now);
        CollectionAssert.AreEquivalent(new[] { gone, replaced }, _closed);
    }

    private bool Find(in FlowKey key, out Flow flow)
    {
        flow = new Flow { Handshake = new Handshake { ClientIsn = _known.GetValueOrDefault(key) } };
        return _known.ContainsKey(key);
    }
}

using System.Text;
using Appliance.ControlPlane;

namespace Appliance.Configuration;

/// <summary>A node's name, as both sides' files give it.</summary>
internal static class NodeName
{
    /// <summary>Reads the field <c>name</c>; it has to fit the control datagram.</summary>
    public static string Read(ConfigNode node)
    {
        var name = node.Text("name");
        if (Encoding.UTF8.GetByteCount(name) > MessageCodec.MaxNameLength)
        {
            node.Error("name", $"'{name}' is longer than {MessageCodec.MaxNameLength} bytes");
        }
        return name;
    }
}

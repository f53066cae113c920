using System.Text;
using Appliance.ControlPlane;

namespace Appliance.Configuration;

/// <summary>A node's name, as both sides' files give it.</summary>
internal static class NodeName
{
    /// <summary>Reads the field <c>name</c>; it has to fit the control datagram.</summary>
    public static string Read(ConfigNode node, string meaning, string example)
    {
        var name = node.Text("name", $"{meaning}; at most {MessageCodec.MaxNameLength} bytes", example: example);
        if (Encoding.UTF8.GetByteCount(name) > MessageCodec.MaxNameLength)
        {
            node.Error("name", $"'{name}' is longer than {MessageCodec.MaxNameLength} bytes");
        }
        return name;
    }
}

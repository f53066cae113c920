using System.Text.Json;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Daemons;

/// <summary>What the gateway's <c>GET /api/v1/status</c> says; only what the lab needs is interpreted.</summary>
/// <param name="Epoch">Number of the present role assignment.</param>
/// <param name="Ready">Whether both nodes hold their roles.</param>
/// <param name="Roles">The nodes' roles.</param>
/// <param name="Raw">The whole answer.</param>
public sealed record GatewayStatus(long Epoch, bool Ready, IReadOnlyDictionary<LabHost, NodeRole> Roles, JsonElement Raw)
{
    /// <summary>Reads the answer; members that are missing or strange are passed over.</summary>
    public static bool TryParse(string json, out GatewayStatus status)
    {
        status = null!;
        JsonElement root;
        try
        {
            root = JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return false;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var epoch = root.TryGetProperty("epoch", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value)
            ? value
            : 0;
        var ready = root.TryGetProperty("ready", out var flag) && flag.ValueKind == JsonValueKind.True;
        status = new GatewayStatus(epoch, ready, ReadRoles(root), root);
        return true;
    }

    private static Dictionary<LabHost, NodeRole> ReadRoles(JsonElement root)
    {
        var roles = new Dictionary<LabHost, NodeRole>();
        if (!root.TryGetProperty("nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Array)
        {
            return roles;
        }

        foreach (var node in nodes.EnumerateArray())
        {
            if (Text(node, "name") is { } name && LabNames.TryParseHost(name, out var host))
            {
                roles[host] = Enum.TryParse<NodeRole>(Text(node, "role"), ignoreCase: true, out var role) ? role : NodeRole.Unknown;
            }
        }

        return roles;
    }

    private static string? Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

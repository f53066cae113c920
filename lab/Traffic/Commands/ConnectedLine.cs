using System.Text.Json.Serialization;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>Printed once, when every connection is established or given up.</summary>
/// <param name="Connections">Connections established.</param>
/// <param name="Failed">Connections given up.</param>
/// <param name="ConnectRetries">Attempts beyond the first of each connection.</param>
public sealed record ConnectedLine(int Connections, int Failed, int ConnectRetries)
{
    /// <summary>Tells the JSON lines apart.</summary>
    [JsonPropertyOrder(-1)]
    public string Type => "connected";
}

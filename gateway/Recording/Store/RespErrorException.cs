namespace Appliance.Gateway.Recording.Store;

/// <summary>A Redis server answered with an error; the message is the server's.</summary>
internal sealed class RespErrorException(string message) : Exception(message);

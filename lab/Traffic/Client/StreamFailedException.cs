namespace Appliance.Lab.Traffic.Client;

/// <summary>Ends a stream from within; the message is for the report.</summary>
internal sealed class StreamFailedException(string message) : Exception(message);

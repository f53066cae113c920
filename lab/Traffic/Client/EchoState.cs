namespace Appliance.Lab.Traffic.Client;

/// <summary>The life of an echo connection on the client.</summary>
internal enum EchoState
{
    /// <summary>No socket, or one that is still connecting.</summary>
    Connecting,

    /// <summary>Between two messages.</summary>
    Thinking,

    /// <summary>A message is on its way out or back.</summary>
    Waiting,

    /// <summary>Our FIN is sent, the server's is awaited.</summary>
    Closing,

    /// <summary>Over in order.</summary>
    Closed,

    /// <summary>Over otherwise.</summary>
    Lost,
}

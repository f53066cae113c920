using Appliance.Configuration;

namespace Appliance.Bench.Order;

/// <summary>How fifty clients of one Redis count, and how what they send is delivered to its replica.</summary>
/// <param name="Delivery">In which order.</param>
/// <param name="Rate">Requests per second of all clients together; null for as many as they can.</param>
public sealed record OrderScenario(DeliveryOrder Delivery, int? Rate)
{
    /// <summary>Clients.</summary>
    public const int Clients = 50;

    /// <summary>How long each waits between an answer and its next request, on average.</summary>
    public TimeSpan Pause => Rate is { } rate ? TimeSpan.FromSeconds((double)Clients / rate) : TimeSpan.Zero;
}

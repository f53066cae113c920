using Appliance.Configuration;
using Appliance.Gateway.Api.Access;

namespace Appliance.Gateway.Api.Orders;

/// <summary>A request that orders something: who makes it, and what is needed to carry it out.</summary>
internal sealed class OrderContext(IHttpContextAccessor accessor, OperationLog log, OrderDesk desk, GatewayOptions options, AuditLog audit)
{
    private readonly HttpContext _http = accessor.HttpContext!;

    public OperationLog Log => log;

    public OrderDesk Desk => desk;

    public GatewayOptions Options => options;

    /// <summary>Who orders.</summary>
    public string Who => AccessRules.NameOf(_http.User);

    /// <summary>Notes for the audit log what came of it.</summary>
    public void Note(string outcome) =>
        audit.Note(Who, _http.Connection.RemoteIpAddress?.ToString() ?? "?", $"{_http.Request.Method} {_http.Request.Path}", outcome);
}

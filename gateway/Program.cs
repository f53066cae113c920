// The gateway: records, copies, fences, detects and orders. GatewayHost lists its parts in the order of their start.
return await Appliance.Host.Daemon.RunAsync("appliance-gateway", args, Appliance.Configuration.GatewayOptions.Load, Appliance.Gateway.GatewayCheck.RunAsync, Appliance.Gateway.GatewayHost.RunAsync);

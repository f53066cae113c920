// The primary node: starts with the service when nobody holds it yet. The agent is the backup's, since roles swap.
return await Appliance.Node.NodeAgent.MainAsync("appliance-primary-node", args);

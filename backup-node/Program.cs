// The backup node: starts silent, feeding the copied traffic to its own server. The agent is the primary's, since roles swap.
return await Appliance.Node.NodeAgent.MainAsync("appliance-backup-node", args);

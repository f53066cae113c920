using System.CommandLine;
using Appliance.Cli;
using Appliance.Lab.Commands;
using Appliance.Lab.Compare;
using Appliance.Lab.Daemons;
using Appliance.Lab.Demo;
using Appliance.Lab.Savefiles;
using Appliance.Lab.Topology;
using Appliance.Lab.Traffic.Commands;

var root = new RootCommand("Tries the appliance on one machine: a lab of network namespaces, faults, and traffic.")
{
    DemoCommand.Create(),
    LabCommand.Create(),
    SavefileCommands.Record(),
    SavefileCommands.Replay(),
    CompareCommand.Create(),

    TrafficCommands.Server(),
    TrafficCommands.Client(),
};

OperatorCommands.AddTo(root, static () => GatewayUrl.OfLabOrHost(LabNames.Default), DaemonProgram.FindFor);

// Cancelled commands clean up after themselves; that includes waiting for programs to end.
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
return parsed.Errors.Count > 0 ? 2 : code;

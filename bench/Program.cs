using System.CommandLine;
using Appliance.Bench;

// A cancelled bench takes its labs down; that includes waiting for the programs in them.
return await BenchCommand.Create().Parse(args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

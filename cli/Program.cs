using System.CommandLine;
using Appliance.Cli;
using Appliance.Cli.Checks;

var root = new RootCommand("Watches and operates an appliance's gateway.");
OperatorCommands.AddTo(root, () => new Uri("http://127.0.0.1:8080"), AgentProgram.Installed);
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Misused : code;

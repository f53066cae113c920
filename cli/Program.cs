using System.CommandLine;
using Appliance.Cli;

var root = new RootCommand("Watches and operates an appliance's gateway.");
OperatorCommands.AddTo(root, () => new Uri("http://127.0.0.1:8080"));
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Misused : code;

using Relay.Load.Cli;

return LoadProgram.Run(args);

using Relay.Ctl;
using Relay.Ctl.Cli;

return await CtlProgram.RunAsync(args, CtlEnvironment.OfProcess(), CancellationToken.None).ConfigureAwait(false);

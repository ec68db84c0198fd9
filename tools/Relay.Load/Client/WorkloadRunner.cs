using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Relay.Load.Report;
using Relay.Native.Linux;

namespace Relay.Load.Client;

/// <summary>Runs a workload on a thread of its own, and shows its progress on this one.</summary>
internal static class WorkloadRunner
{
    /// <summary>Returns when the workload has ended. An interrupt ends it early, a second one the process.</summary>
    public static void Run(ClientConfig config, Workload workload, int? cpu, bool progress = true)
    {
        ExceptionDispatchInfo? failure = null;
        using var loop = new ClientLoop(config, workload);
        var thread = new Thread(() =>
        {
            try
            {
                if (cpu is { } number && !ThreadAffinity.TryPin(number))
                    throw new IOException($"There is no processor {number} for the client.");
                loop.Run();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { Name = "client" };

        var interrupted = false;
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !interrupted;
            interrupted = true;
            loop.Interrupt();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        thread.Start();
        if (progress)
            ProgressDisplay.Show(thread, () => workload.Progress);
        thread.Join();
        failure?.Throw();
    }
}

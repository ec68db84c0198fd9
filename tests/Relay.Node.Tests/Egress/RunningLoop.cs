using Relay.Node.Counters;
using Relay.Node.Io;

namespace Relay.Node.Tests.Egress;

/// <summary>A loop that turns on a thread of its own until the test is over.</summary>
internal sealed class RunningLoop : IDisposable
{
    private readonly Thread _thread;

    public RunningLoop()
    {
        _thread = new Thread(Loop.Run);
        _thread.Start();
    }

    public EventLoop Loop { get; } = new(0, RelayHistograms.Off);

    public void Dispose()
    {
        Loop.Post(Loop.Stop);
        _thread.Join();
        Loop.Dispose();
    }
}

using System.Runtime.ExceptionServices;

namespace Relay.Testing;

/// <summary>A thread for what changes the thread that does it, such as the network that it is in.</summary>
public static class OwnThread
{
    /// <summary>Does it, and throws what it throws: also what skips a test, which Record.Exception lets through.</summary>
    public static void Run(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}

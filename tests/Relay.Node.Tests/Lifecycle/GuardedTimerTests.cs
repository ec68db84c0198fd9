using Relay.Hosting;
using Relay.Node.Hosting;
using Relay.Node.Tests.Identity;

namespace Relay.Node.Tests.Lifecycle;

/// <summary>An exception that left a timer's callback would end the process.</summary>
public class GuardedTimerTests
{
    private readonly RecordingLog _log = new();

    [Fact]
    public void Work_ThatThrows_IsLogged_AndDoneAgain()
    {
        var times = 0;
        using var timer = new GuardedTimer("the work", Fail, Timeout.InfiniteTimeSpan, _log);
        timer.Fire();
        timer.Fire();
        Assert.Equal((2, 2), (times, _log.Lines.Count));
        Assert.Contains("the work failed", _log.Texts.First(), StringComparison.Ordinal);

        void Fail()
        {
            times++;
            throw new IOException("Too many open files");
        }
    }

    [Fact]
    public void Work_ThatThrows_WithALogThatThrowsToo_IsKeptIn()
    {
        using var timer = new GuardedTimer(
            "the work", static () => throw new OutOfMemoryException(), Timeout.InfiniteTimeSpan,
            new CallbackLog(static (_, _, _, _) => throw new IOException("No space left on device")));
        timer.Fire();
    }

    [Fact]
    public void Housekeeping_AChoreThatThrows_IsLogged()
    {
        using var housekeeping = new Housekeeping(
            static () => throw new IOException("Too many open files"), static () => { }, _log);
        using var timer = new GuardedTimer("housekeeping", housekeeping.Look, Timeout.InfiniteTimeSpan, _log);
        for (var look = 0; look < 3; look++)
            timer.Fire();
        Assert.Contains(_log.Texts, static text => text.StartsWith("housekeeping failed", StringComparison.Ordinal));
    }
}

using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class EchoWindowTests
{
    [Fact]
    public void Receive_OfWhatWasSent_TellsTheLatencyAndFreesTheSlot()
    {
        var window = new EchoWindow(2);
        var (slot, sequence) = Send(window, 100);
        Send(window, 110);
        Assert.False(window.TryPeek(out _, out _));

        Assert.Equal(EchoOutcome.Answered, window.Receive((uint)slot, sequence, 150, out var latency));
        Assert.Equal(50UL, latency);
        Assert.Equal(1, window.Outstanding);
        Assert.True(window.TryPeek(out _, out _));
    }

    [Fact]
    public void Receive_Again_IsADuplicate()
    {
        var window = new EchoWindow(2);
        var (slot, sequence) = Send(window, 0);
        window.Receive((uint)slot, sequence, 1, out _);
        Assert.Equal(EchoOutcome.Duplicate, window.Receive((uint)slot, sequence, 2, out _));
        Send(window, 3);
        Assert.Equal(EchoOutcome.Duplicate, window.Receive((uint)slot, sequence, 4, out _));
    }

    [Fact]
    public void Receive_AfterItWasGivenUp_IsLateOnce()
    {
        var window = new EchoWindow(1);
        var (slot, sequence) = Send(window, 0);
        Assert.Equal(0, window.Expire(999, 1000));
        Assert.Equal(1, window.Expire(1000, 1000));
        Assert.Equal(0, window.Expire(5000, 1000));

        // The slot is in use again: the window goes on in spite of the loss.
        var (_, next) = Send(window, 1001);
        Assert.Equal(EchoOutcome.Late, window.Receive((uint)slot, sequence, 1002, out _));
        Assert.Equal(EchoOutcome.Duplicate, window.Receive((uint)slot, sequence, 1003, out _));
        Assert.Equal(EchoOutcome.Answered, window.Receive((uint)slot, next, 1004, out _));
    }

    [Fact]
    public void Receive_OfWhatWasNeverSent_IsUnknown()
    {
        var window = new EchoWindow(4);
        Send(window, 0);
        Assert.Equal(EchoOutcome.Unknown, window.Receive(0, 2, 1, out _));
        Assert.Equal(EchoOutcome.Unknown, window.Receive(0, 0, 1, out _));
        Assert.Equal(EchoOutcome.Unknown, window.Receive(4, 1, 1, out _));
    }

    [Fact]
    public void Window_InAnyOrderWithLosses_AccountsForEveryDatagram()
    {
        const ulong Timeout = 50;
        var random = new Random(3);
        var window = new EchoWindow(16);
        var flying = new List<(int Slot, ulong Sequence, ulong At)>();
        long sent = 0, answered = 0, lost = 0, late = 0;
        for (ulong now = 1; now < 20_000; now++)
        {
            if (window.TryPeek(out _, out _))
            {
                var (slot, sequence) = Send(window, now);
                sent++;
                if (random.Next(20) > 0)
                    flying.Add((slot, sequence, now + (ulong)random.Next(2 * (int)Timeout)));
            }
            foreach (var echo in flying.Where(echo => echo.At <= now).ToArray())
            {
                flying.Remove(echo);
                var outcome = window.Receive((uint)echo.Slot, echo.Sequence, now, out _);
                Assert.True(outcome is EchoOutcome.Answered or EchoOutcome.Late, outcome.ToString());
                if (outcome == EchoOutcome.Answered)
                    answered++;
                else
                    late++;
            }
            lost += window.Expire(now, Timeout);
        }
        Assert.True(late > 0 && lost > late);
        Assert.Equal(sent, answered + lost + window.Outstanding);
    }

    private static (int Slot, ulong Sequence) Send(EchoWindow window, ulong now)
    {
        Assert.True(window.TryPeek(out var slot, out var sequence));
        window.RecordSent(now);
        return (slot, sequence);
    }
}

using Relay.Node.Http;
using Relay.Node.Http2;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>Frames are counted as they pass, in pieces of any size; what they may cost comes back with time.</summary>
public sealed class FrameMeterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10_000)]
    public void Frames_InPiecesOfAnySize_AreCounted(int piece)
    {
        byte[] bytes =
        [
            .. Preface, .. Write(Settings, 0, 0, []), .. Request(1, Connect), .. Write(Data, 0, 1, new byte[3000]),
            .. Write(Data, 0, 1, []), .. Write(Ping, 0, 0, new byte[8]), .. Write(ResetStream, 0, 1, new byte[4]),
            .. Write(0x99, 0, 0, new byte[2048]), .. Write(Headers, 0, 3, Connect),
        ];
        var meter = new FrameMeter();
        var (control, resets, data) = (0, 0, 0L);
        for (var i = 0; i < bytes.Length; i += piece)
        {
            var count = meter.Read(bytes.AsSpan(i, Math.Min(piece, bytes.Length - i)));
            control += count.Control;
            resets += count.Resets;
            data += count.Bytes;
        }
        Assert.Equal((6, 1, 3000L, 2L, true), (control, resets, data, meter.Sections, meter.IsInSection));
        meter.Read(Write(Continuation, EndHeaders, 3, []));
        Assert.False(meter.IsInSection);
    }

    [Fact]
    public void Budget_ComesBackWithTimeAndByEarning()
    {
        var budget = new FrameBudget(10, perSecond: 2);
        var now = Time.Seconds(5);
        Assert.True(budget.TryTake(10, now));
        Assert.True(budget.TryTake(1, now + Time.Milliseconds(500)));
        budget.Earn(3);
        Assert.True(budget.TryTake(3, now + Time.Milliseconds(900)));
        Assert.True(budget.TryTake(1, now + Time.Milliseconds(1000)));
        Assert.True(budget.TryTake(10, now + Time.Seconds(1000)));
        Assert.False(budget.TryTake(1, now + Time.Seconds(1000)));
    }

    [Fact]
    public void Window_GrowsWithWhatIsTakenInTime()
    {
        var window = new StreamWindow();
        Assert.Equal(0, window.WantsMore(1000, 0));
        window.Open(1000, now: 0);
        Assert.Equal(0, window.WantsMore(999, Time.Milliseconds(100)));
        Assert.Equal(1000, window.WantsMore(1, Time.Milliseconds(499)));
        Assert.True(window.Grow(500));
        Assert.Equal((1500, 500), (window.Size, window.Growth));
        Assert.Equal(0, window.WantsMore(1500, Time.Seconds(2)));
    }
}

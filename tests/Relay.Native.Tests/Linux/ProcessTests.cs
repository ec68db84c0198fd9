using System.Diagnostics;
using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class ProcessTests
{
    [Theory]
    [InlineData(Errno.ECONNREFUSED, "Connection refused (ECONNREFUSED)")]
    [InlineData(-Errno.EMSGSIZE, "Message too long (EMSGSIZE)")]
    public void Describe_OfErrno_HasTextAndName(int errno, string text) => Assert.Equal(text, Errno.Describe(errno));

    [Fact]
    public void Describe_OfUnknown_HasTheNumber() => Assert.EndsWith("(errno 1000)", Errno.Describe(1000));

    [Fact]
    public void Clock_AndStopwatch_AreTheSame()
    {
        var before = (ulong)Stopwatch.GetTimestamp();
        Assert.InRange(Clock.Now, before, before + 10_000_000_000);
        // CLOCK_MONOTONIC counts from boot, as /proc/uptime does but for suspended time.
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Clock.Now / 1e9 < uptime + 10);
    }

    [Fact]
    public void RaiseOpenFiles_LeavesSoftAtHard()
    {
        var limit = FileLimits.RaiseOpenFiles();
        var words = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(words[3], words[4]);
        Assert.Equal(words[3] == "unlimited" ? long.MaxValue : long.Parse(words[3]), limit);
    }

    [Fact]
    public void ProcessSettings_OnThisThread_TakeEffect()
    {
        Exception? failure = null;
        var guarded = new Thread(() => failure = Record.Exception(() =>
        {
            Assert.Equal(0, ProcessMemory.SetTimerSlack(1000));
            var allowed = File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("Cpus_allowed_list", StringComparison.Ordinal));
            var first = int.Parse(allowed.Split('\t')[1].Split(',', '-')[0]);
            Assert.True(ThreadAffinity.TryPin(first));
            Assert.Contains($"Cpus_allowed_list:\t{first}", File.ReadLines("/proc/thread-self/status"));
            Assert.False(ThreadAffinity.TryPin(-1));
            Assert.False(ThreadAffinity.TryPin(1023));
            Assert.False(ThreadAffinity.TryPin(1 << 20));
        }));
        guarded.Start();
        guarded.Join();
        Assert.Null(failure);
        ProcessMemory.LimitArenas(8);
        ProcessMemory.Trim();
    }
}

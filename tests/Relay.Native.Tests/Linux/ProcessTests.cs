using System.Diagnostics;
using System.Runtime.InteropServices;
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
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0]);
        Assert.True(Clock.Now / 1e9 < uptime + 10);
    }

    [Fact]
    public void ClockWithSuspend_IsTheUptimeWithSuspendedTime()
    {
        // proc_uptime(5): "The uptime of the system (including time spent in suspend)".
        double Uptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0]);
        var before = Uptime();
        var now = Clock.NowWithSuspend / 1e9;
        // The file has hundredths, cut off.
        Assert.InRange(now, before, Uptime() + 0.01);
        // Where nothing was ever suspended both are the same: the one that may be behind is read first.
        var withoutSuspend = Clock.Now;
        Assert.True(Clock.NowWithSuspend >= withoutSuspend);
    }

    [Fact]
    public void RaiseOpenFiles_LeavesSoftAtHard()
    {
        var limit = FileLimits.RaiseOpenFiles();
        var words = Line("/proc/self/limits", "Max open files").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(words[3], words[4]);
        Assert.Equal(
            words[3] == "unlimited" ? long.MaxValue : long.Parse(words[3]), limit);
    }

    [Fact]
    public void Allocated_IsWhatTheAllocatorHasGivenOut()
    {
        const int Count = 64 * 1024, Size = 1024;
        var before = ProcessMemory.Allocated;
        var blocks = new nint[Count];
        for (var i = 0; i < Count; i++)
            blocks[i] = Marshal.AllocHGlobal(Size);
        var during = ProcessMemory.Allocated;
        foreach (var block in blocks)
            Marshal.FreeHGlobal(block);
        // Other tests allocate and free meanwhile, and by far less.
        Assert.InRange(during - before, Count * Size / 2, Count * Size * 3 / 2);
        Assert.True(during - ProcessMemory.Allocated > Count * Size / 2);
        Assert.True(ProcessMemory.Resident > 1024 * 1024);
    }

    [Fact]
    public void ProcessSettings_OnThisThread_TakeEffect()
    {
        Exception? failure = null;
        var guarded = new Thread(() => failure = Record.Exception(() =>
        {
            Assert.Equal(0, ProcessMemory.SetTimerSlack(1000));
            var allowed = Line("/proc/thread-self/status", "Cpus_allowed_list").Split('\t')[1];
            var first = int.Parse(allowed.Split(',', '-')[0]);
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

    private static string Line(string path, string start) =>
        File.ReadLines(path).First(line => line.StartsWith(start, StringComparison.Ordinal));
}

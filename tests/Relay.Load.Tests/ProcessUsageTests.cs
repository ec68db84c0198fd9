using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class ProcessUsageTests
{
    [Theory]
    [InlineData("1234567890 42 7\n", 1234567890)]
    [InlineData("0 0 0", 0)]
    [InlineData("5\n", 5)]
    [InlineData("", 0)]
    public void ParseSchedstat_FirstNumber_IsTimeOnAProcessor(string text, long expected) =>
        Assert.Equal(expected, ProcessUsage.ParseSchedstat(text));

    [Fact]
    public void ParseStat_NameWithParenthesesAndSpaces_FindsTheTimes() => Assert.Equal(
        (11, 12),
        ProcessUsage.ParseStat("77 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 20 0 3 0 100 200 300"));

    [Fact]
    public void ParseResident_Status_IsVmRss()
    {
        const string Status = "Name:\tx\nVmHWM:\t   60000 kB\nVmRSS:\t   51484 kB\nThreads:\t3\n";
        Assert.Equal(51484, ProcessUsage.ParseResident(Status));
        Assert.Equal(0, ProcessUsage.ParseResident("Name:\tzombie\n"));
    }

    [Fact]
    public void Read_OfThisProcess_Grows()
    {
        var before = ProcessUsage.Read(Environment.ProcessId);
        var until = Environment.TickCount64 + 60;
        while (Environment.TickCount64 < until)
        {
        }
        var after = ProcessUsage.Read(Environment.ProcessId);
        Assert.True(after.CpuNanoseconds > before.CpuNanoseconds);
        Assert.True(after.ResidentKib > 1000);
        Assert.True(ProcessUsage.ReadCurrentThread() > 0);
    }

    /// <summary>As the compiler's of a relay ends, some seconds after it had nothing more to do.</summary>
    [Fact]
    public void Read_AfterAThreadHasEnded_HasItsTime()
    {
        const long Worked = 30_000_000;
        var before = ProcessUsage.Read(Environment.ProcessId);
        var thread = new Thread(static () =>
        {
            while (ProcessUsage.ReadCurrentThread() < Worked)
                Thread.SpinWait(1000);
        });
        thread.Start();
        thread.Join();
        var after = ProcessUsage.Read(Environment.ProcessId);
        Assert.InRange(after.CpuNanoseconds - before.CpuNanoseconds, Worked, long.MaxValue);
    }

    [Fact]
    public void Read_OfNoProcess_SaysSo()
    {
        var error = Assert.Throws<IOException>(() => ProcessUsage.Read(int.MaxValue));
        Assert.Contains("cannot be measured", error.Message);
    }
}

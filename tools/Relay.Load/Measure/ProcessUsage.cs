using System.Globalization;
using Relay.Native.Linux;

namespace Relay.Load.Measure;

/// <summary>What a process has used so far (proc(5)).</summary>
/// <param name="CpuNanoseconds">On a processor, all threads that ever lived.</param>
/// <param name="UserTicks">In user mode, in hundredths of a second, as the kernel's tick samples it.</param>
/// <param name="SystemTicks">The same in the kernel.</param>
/// <param name="ResidentKib">Resident memory at this moment.</param>
internal readonly record struct ProcessUsage(long CpuNanoseconds, long UserTicks, long SystemTicks, long ResidentKib)
{
    /// <summary>USER_HZ, which is 100 on every architecture that is supported.</summary>
    public const double TicksPerSecond = 100;

    /// <exception cref="IOException">There is no such process.</exception>
    public static ProcessUsage Read(int pid)
    {
        try
        {
            var (user, system) = ParseStat(File.ReadAllText($"/proc/{pid}/stat"));
            return new ProcessUsage(
                Clock.ProcessorTime(pid), user, system, ParseResident(File.ReadAllText($"/proc/{pid}/status")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Process {pid} cannot be measured: {e.Message}", e);
        }
    }

    /// <summary>Nanoseconds that the calling thread was on a processor.</summary>
    public static long ReadCurrentThread() => ParseSchedstat(File.ReadAllText("/proc/thread-self/schedstat"));

    /// <summary>The first of schedstat's three numbers: time on a processor, in nanoseconds.</summary>
    internal static long ParseSchedstat(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        var first = end < 0 ? text.Trim() : text[..end];
        return long.TryParse(first, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    /// <summary>utime and stime: the 14th and 15th field. The second, a name in parentheses, may hold any.</summary>
    internal static (long User, long System) ParseStat(string text)
    {
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var culture = CultureInfo.InvariantCulture;
        return (long.Parse(fields[11], culture), long.Parse(fields[12], culture));
    }

    /// <summary>VmRSS, in KiB; 0 for a process that has exited.</summary>
    internal static long ParseResident(string status)
    {
        const string Name = "VmRSS:";
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Name))
                continue;
            var value = line[Name.Length..].Trim();
            var end = value.IndexOf(' ');
            return long.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
        }
        return 0;
    }
}

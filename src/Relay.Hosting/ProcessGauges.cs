using System.Diagnostics.Metrics;
using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Relay.Native.Linux;

namespace Relay.Hosting;

/// <summary>
/// What both programs show of their process, by the names that Prometheus's client libraries have for it, and which build it is.
/// </summary>
public static class ProcessGauges
{
    private static readonly EnumerationOptions All = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <summary>Creates the instruments; each is read when it is asked for.</summary>
    /// <param name="meter">Theirs.</param>
    public static void Create(Meter meter)
    {
        meter.CreateObservableGauge("process.open_fds", CountOpenFiles, "{file}", "Open files, sockets among them");
        meter.CreateObservableGauge("process.max_fds", static () => FileLimits.MostOpenFiles, "{file}",
            "How many files may be open (RLIMIT_NOFILE)");
        meter.CreateObservableGauge("process.resident_memory", static () => ProcessMemory.Resident, "By", "Memory that is resident");
        meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s",
            "Time of processors, in the process and in the kernel for it");
        meter.CreateObservableGauge("relay.memory.limit", static () => MemoryLimit.Bytes, "By",
            "Memory that the process may have: of its control group, else of the machine");
        var build = new Measurement<long>(1,
            new("version", ProgramVersion.Text), new("runtime", Environment.Version.ToString()),
            new("architecture", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()));
        meter.CreateObservableGauge("relay.build.info", () => build, "{build}", "What was built");
    }

    // Without a string for each: there may be a hundred thousand. One is the folder itself, as it is read.
    private static long CountOpenFiles() =>
        new FileSystemEnumerable<bool>("/proc/self/fd", static (ref _) => true, All).LongCount() - 1;
}

using System.Globalization;

namespace Relay.Native.Linux;

/// <summary>How much memory the process may have, as the kernel holds it to that (cgroups(7), proc(5)).</summary>
public static class MemoryLimit
{
    private const string Memory = "memory";

    /// <summary>
    /// In bytes: the least limit of its control group and of those above it, of either version, but no more than the machine has. Read
    /// anew each time, since it can be changed.
    /// </summary>
    public static long Bytes => Read("/proc", "/sys/fs/cgroup");

    /// <summary>The same of other folders.</summary>
    internal static long Read(string proc, string groups)
    {
        var least = TotalOf(Lines(Path.Combine(proc, "meminfo")));
        foreach (var line in Lines(Path.Combine(proc, "self/cgroup")))
        {
            // cgroups(7): "hierarchy-ID:controller-list:cgroup-path"; of version 2 the list is empty.
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            if (controllers.Length == 0)
                least = Math.Min(least, LeastOf(groups, path, "memory.max"));
            else if (controllers.Split(',').Contains(Memory))
                least = Math.Min(least, LeastOf(Path.Combine(groups, Memory), path, "memory.limit_in_bytes"));
        }
        return least < long.MaxValue ? least : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    // Up to the root, as groups above bind those below. In a container its own group is there, whatever its path is called.
    private static long LeastOf(string root, string path, string file)
    {
        var least = long.MaxValue;
        for (var group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
        {
            // "max" where there is none.
            if (Lines(Path.Combine(root, group, file)) is [var text]
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
                least = Math.Min(least, limit);
            if (group.Length == 0)
                return least;
        }
    }

    private static long TotalOf(string[] lines) => lines.FirstOrDefault(static line => line.StartsWith("MemTotal:", StringComparison.Ordinal))
        ?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, "kB"]
            ? long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 : long.MaxValue;

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

using System.Globalization;

namespace Relay.Abuse.Measure;

/// <summary>A process' resident memory, and the most that it was.</summary>
/// <param name="pid">The process; 0 for none.</param>
internal sealed class ProcessMemory(int pid)
{
    /// <summary>Now, in KiB; null where it cannot be read, as of a process that has ended.</summary>
    public long? Now
    {
        get
        {
            if (pid == 0)
                return null;
            try
            {
                var line = File.ReadLines($"/proc/{pid}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>In MiB, for a table.</summary>
    public static string Text(long? kib) => kib is { } known ? $"{known / 1024.0:F0}" : "–";
}

using System.Globalization;

namespace Relay.Fleet.Contract;

/// <summary>
/// Versions of what operators define: opaque, and never the same for two definitions, even over a loss of state.
/// </summary>
internal static class Versions
{
    /// <summary>The next version after the last one given out.</summary>
    public static long Next(long last, DateTimeOffset now) => Math.Max(last + 1, now.ToUnixTimeMilliseconds());

    /// <summary>A version as a text.</summary>
    public static string ToText(long version) => version.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Whether what there is has the version that is expected of it.</summary>
    /// <param name="expected">The version; empty when nothing may be there; null for anything.</param>
    /// <param name="actual">The version of what there is; null when nothing is.</param>
    public static bool Fits(string? expected, string? actual) =>
        expected is null || (expected.Length == 0 ? actual is null : expected == actual);
}

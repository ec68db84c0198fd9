using Relay.Testing;

namespace Relay.Interop.Tests;

/// <summary>
/// How long a test waits for something that must happen. Nothing waits for the whole of it when all is well: every
/// wait ends with the event itself, and a limit that passes is a failure that shows the captured output.
/// </summary>
internal static class Limits
{
    public static readonly TimeSpan Start = Eventually.Limit;

    /// <summary>Less than any time that a peer waits before it gives up by itself.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Exchange = Eventually.Limit;
    public static readonly TimeSpan Transfer = Eventually.Limit;
    public static readonly TimeSpan Stop = Eventually.Limit;
}

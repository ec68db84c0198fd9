
namespace Relay.Interop.Tests;

/// <summary>
/// How long a test waits for something that must happen. Nothing waits for the whole of it when all is well: every
/// wait ends with the event itself, and a limit that passes is a failure that shows the captured output. They are the
/// last resort, and long enough for a machine that does much else.
/// </summary>
internal static class Limits
{
    /// <summary>Less than any time that a peer waits before it gives up by itself.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Start = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Exchange = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Transfer = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Stop = TimeSpan.FromMinutes(5);
}

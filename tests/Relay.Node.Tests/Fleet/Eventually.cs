namespace Relay.Node.Tests.Fleet;

/// <summary>Waits for what another thread does.</summary>
internal static class Eventually
{
    /// <summary>Waits until a condition holds; generously.</summary>
    public static async Task TrueAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!condition())
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }
}

using System.Diagnostics;

namespace Relay.Admin.Tests.World;

/// <summary>Waits for what must come.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var since = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.True(since.Elapsed < Limit, $"waited {Limit.TotalSeconds} s in vain for {what}");
            await pulse.WaitForNextTickAsync();
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string what) =>
        HoldsAsync(() => Task.FromResult(condition()), what);
}

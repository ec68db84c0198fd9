using System.Diagnostics;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary>A world for each test.</summary>
public abstract class EgressTests : IAsyncLifetime
{
    private EgressWorld? _world;

    internal EgressWorld World => _world!;

    public async ValueTask InitializeAsync() => _world = await EgressWorld.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal RelayClient StartClient() => RelayClient.Start(World.Client, EgressWorld.Relay);

    /// <summary>Waits for something that will happen.</summary>
    internal static async Task WaitUntilAsync(Func<bool> condition, Func<string> describe)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var began = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(began.Elapsed < Limits.Exchange, describe());
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}

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

    /// <summary>Waits for something that will happen, without a time by which it must.</summary>
    internal static async Task WaitUntilAsync(Func<bool> condition, Func<string> describe)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var turn = 0; !condition(); turn++)
        {
            Assert.True(turn < 1500, describe());
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}

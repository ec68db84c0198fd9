using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Relays;

/// <summary>A relay on the machine's own loopback, shared by the tests of a class.</summary>
public sealed class RelayOnLoopback : IAsyncDisposable
{
    private RelayProcess? _relay;

    internal async Task<RelayProcess> StartedAsync()
    {
        if (_relay is null)
        {
            using var authority = new TestAuthority();
            _relay = await RelayProcess.StartAsync(authority);
        }

        return _relay;
    }

    public async ValueTask DisposeAsync()
    {
        if (_relay is null)
            return;
        await using var relay = _relay;
        await relay.StopAsync();
    }
}

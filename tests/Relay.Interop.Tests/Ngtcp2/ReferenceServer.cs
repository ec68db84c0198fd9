using Relay.Interop.Tests.Origins;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>ngtcp2's own server with an empty folder, shared by the tests of a class.</summary>
public sealed class ReferenceServer : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private Http3Origin? _server;

    internal async Task<int> PortAsync()
    {
        if (_server is null)
        {
            using var authority = new TestAuthority();
            using var certificate = authority.IssueServer("localhost");
            var files = CertificateFiles.Write(_folder, "server", certificate);
            _server = await Http3Origin.StartAsync(network: null, files, _folder.Folder("empty"));
        }

        return _server.Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}

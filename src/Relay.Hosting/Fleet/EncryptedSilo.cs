using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Grains.Hosting;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>A silo, with the files of the certificate that it shows the others, read again as they change.</summary>
internal sealed class EncryptedSilo : IFleetHost
{
    private readonly IFleetHost _silo;
    private readonly Reloader _reloader;

    private EncryptedSilo(IFleetHost silo, Reloader reloader) => (_silo, _reloader) = (silo, reloader);

    /// <inheritdoc/>
    public IFleet Fleet => _silo.Fleet;

    /// <inheritdoc/>
    public Task Failed => _silo.Failed;

    /// <summary>Starts it.</summary>
    /// <param name="files">Of <see cref="SiloTlsOptions"/>.</param>
    /// <param name="log">Receives what becomes of the files.</param>
    /// <param name="start">Starts the silo with what is made of them.</param>
    /// <exception cref="StartException">Nothing can be made of the files; the message names which.</exception>
    internal static async Task<IFleetHost> StartAsync(
        FileGroup files, ILogger log, Func<Func<SiloTls>, Task<IFleetHost>> start)
    {
        SecretFiles.Check(log, files.Files[1]);
        var tls = new WatchedValue<SiloTls>(files, contents =>
        {
            var loaded = SiloTlsOptions.Load(files, contents);
            CertificateFile.Warn(log, files, contents, DateTimeOffset.UtcNow);
            return loaded;
        });
        var silo = await start(() => tls.Current).ConfigureAwait(false);
        return new EncryptedSilo(silo, new Reloader(log, tls.Group));
    }

    /// <inheritdoc/>
    public void Reload() => _reloader.ReloadAll();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _reloader.Dispose();
        await _silo.DisposeAsync().ConfigureAwait(false);
    }
}

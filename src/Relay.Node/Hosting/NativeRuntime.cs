using Relay.Hosting;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;

namespace Relay.Node.Hosting;

/// <summary>Makes the process fit for the engine, once, before anything is opened.</summary>
internal static class NativeRuntime
{
    /// <summary>Loads the native libraries and raises what limits a relay.</summary>
    /// <param name="workers">Event loops to come.</param>
    /// <param name="tls">The TLS library in use.</param>
    /// <returns>One line that names the libraries' versions.</returns>
    /// <exception cref="StartException">A library is missing or too old.</exception>
    internal static string Prepare(int workers, TlsLibrary tls)
    {
        string versions;
        try
        {
            versions = NativeLibraries.EnsureAvailable(tls);
        }
        catch (NativeLibraryException e)
        {
            throw new StartException(e.Message);
        }
        _ = FileLimits.RaiseOpenFiles();
        // One arena a loop and one for the rest: more only keep freed memory apart.
        _ = ProcessMemory.LimitArenas(workers + 1);
        return versions;
    }
}

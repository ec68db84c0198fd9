using System.Net;
using Relay.Hosting;
using Relay.Native.Linux;

namespace Relay.Node.Hosting;

/// <summary>
/// Whether the ports of an address are free. SO_REUSEPORT would share one with whoever else of this user asked for it: a
/// bind without it finds out first.
/// </summary>
internal static class BoundPorts
{
    /// <summary>How often a free port is looked for, where any will do, that is free for TCP as well.</summary>
    private const int Tries = 16;

    /// <summary>How often, a hundredth of a second apart, a port is bound again that was free a moment ago.</summary>
    private const int Rebinds = 100;

    /// <summary>
    /// Binds what <see cref="Probe"/> has found free. Where the process starts a child at that moment, such as a hook, the
    /// child has copies of all descriptors until it executes its program, and the probe's port with them.
    /// </summary>
    /// <exception cref="SocketSystemException">It cannot be bound.</exception>
    internal static T Bind<T>(Func<T> bind)
    {
        for (var left = Rebinds; ; left--)
        {
            try
            {
                return bind();
            }
            catch (SocketSystemException e) when (e.Errno == Errno.EADDRINUSE && left > 0)
            {
                Thread.Sleep(10);
            }
        }
    }

    /// <summary>Whether another process may let go of the port, or the address come with its network.</summary>
    internal static bool MayPass(SocketSystemException failure) => failure.Errno is Errno.EADDRINUSE or Errno.EADDRNOTAVAIL;

    /// <summary>Binds and lets go.</summary>
    /// <param name="address">An address; port 0 for any that is free.</param>
    /// <param name="tcp">Whether TCP's port of the same number is wanted too.</param>
    /// <returns>The address with its port.</returns>
    /// <exception cref="SocketSystemException">UDP cannot be bound.</exception>
    /// <exception cref="StartException">TCP cannot be bound.</exception>
    internal static IPEndPoint Probe(IPEndPoint address, bool tcp)
    {
        for (var left = address.Port == 0 ? Tries : 1; ; left--)
        {
            using var udp = DatagramSocket.Bind(address, new DatagramSocketOptions());
            var bound = udp.LocalEndPoint;
            if (!tcp)
                return bound;
            try
            {
                StreamSocket.Listen(bound).Dispose();
                return bound;
            }
            catch (SocketSystemException) when (left > 1)
            {
                // Another port.
            }
            catch (SocketSystemException e)
            {
                throw new StartException(
                    $"--address: TCP, for HTTP/2 and HTTP/1.1: {e.Message}; --no-tcp serves HTTP/3 alone")
                {
                    MayPass = MayPass(e),
                };
            }
        }
    }
}

using System.Net.Sockets;

namespace Relay.Testing.Network;

/// <summary>Ports for programs that cannot choose one themselves and say which.</summary>
public static class Ports
{
    // Below the range that Linux gives to outgoing connections: one of those would have it before the program that it is for.
    private const int First = 12_000;
    private const int Last = 32_000;

    // Other runs beside this one take from blocks of their own.
    private const int Block = 1_000;

    private static readonly (FileStream Lock, int First) Mine = TakeBlock();

    // In turn, so that none is given twice before a program has the first: of a dozen at random two are the same now and
    // then.
    private static int _given;

    /// <summary>A TCP port of 127.0.0.1 that is free in the caller's network.</summary>
    public static int FreeTcp() => Free(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>A UDP port of 127.0.0.1 that is free in the caller's network.</summary>
    public static int FreeUdp() => Free(SocketType.Dgram, ProtocolType.Udp);

    private static int Free(SocketType type, ProtocolType protocol)
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
            var port = Mine.First + (int)((uint)Interlocked.Increment(ref _given) % Block);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another.
            }
        }
    }

    /// <summary>The first block that no process holds; a file that is locked until this one ends says so.</summary>
    private static (FileStream Lock, int First) TakeBlock()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "relay-ports"));
        for (var first = First; first < Last; first += Block)
        {
            try
            {
                return (new FileStream(
                    Path.Combine(folder.FullName, $"{first}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), first);
            }
            catch (IOException)
            {
                // Held by another.
            }
        }
        throw new InvalidOperationException($"all ports between {First} and {Last} are held");
    }
}

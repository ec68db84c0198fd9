using Relay.Native.Linux;
using Relay.Native.Tls;
using Relay.Node.Http;

namespace Relay.Node.Streams;

/// <summary>What the connections over TLS and TCP of one loop share.</summary>
/// <param name="context">What they share with all others.</param>
internal sealed class StreamContext(ConnectionContext context)
{
    /// <summary>What they share with all others.</summary>
    internal ConnectionContext Context { get; } = context;

    /// <summary>Application protocols, the preferred first.</summary>
    internal static string[] Protocols { get; } = ["h2", "http/1.1"];

    /// <summary>Makes what speaks HTTP/2.</summary>
    internal required Func<ClientConnection, IByteStream, StreamProtocol> CreateHttp2 { get; init; }

    /// <summary>Makes what speaks HTTP/1.1: also for a client that names no protocol.</summary>
    internal required Func<ClientConnection, IByteStream, StreamProtocol> CreateHttp1 { get; init; }

    /// <summary>Asks the kernel how the way to a client is.</summary>
    internal Func<StreamSocket, TcpPath> ReadPath { get; init; } = static socket => socket.GetPath();

    /// <summary>Encrypted bytes on their way.</summary>
    internal TlsBuffers Buffers { get; } = new();

    /// <summary>Bytes that were decrypted, or are to be encrypted: several records, since a target's bytes come so.</summary>
    internal byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(TlsStream.MaxQuantum, pinned: true);
}

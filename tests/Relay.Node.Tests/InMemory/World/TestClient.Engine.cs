using Relay.Native.Linux;
using Relay.Native.Quic;
using NativeMethods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Node.Tests.InMemory.World;

/// <content>What a client does below HTTP/3.</content>
internal sealed unsafe partial class TestClient
{
    private readonly List<byte> _controlStream = [];

    /// <summary>What the node has sent on its control stream: the first unidirectional stream that it opens.</summary>
    public ReadOnlySpan<byte> ControlStreamOfNode =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_controlStream);

    /// <summary>Begins to use the next keys (RFC 9001 §6).</summary>
    public bool UpdateKeys()
    {
        Wake();
        return NativeMethods.ngtcp2_conn_initiate_key_update(Native, _simulation.Now) == 0;
    }

    /// <summary>The cipher in use, by GnuTLS's number.</summary>
    public int Cipher => (int)NativeMethods.ngtcp2_conn_get_crypto_ctx(Native)->aead.native_handle;

    /// <summary>Goes on from another address, with another connection ID (RFC 9000 §9.2).</summary>
    public bool Migrate(SocketEndpoint local)
    {
        var scratch = PathScratch.Current;
        scratch.Set(local, InMemoryNode.Address, 0);
        if (NativeMethods.ngtcp2_conn_initiate_immediate_migration(Native, scratch.Path, _simulation.Now) != 0)
            return false;
        Local = local;
        Wake();
        return true;
    }

    /// <summary>Sends a PING when nothing else was sent for so long.</summary>
    public void KeepAlive(ulong interval) => NativeMethods.ngtcp2_conn_set_keep_alive_timeout(Native, interval);

    /// <summary>Whether the node allows another stream now.</summary>
    public bool HasStreamCredit => NativeMethods.ngtcp2_conn_get_streams_bidi_left(Native) > 0;

    /// <summary>Resets the sending side of a stream that may never have carried a byte.</summary>
    public void ResetStream(long id, ulong code)
    {
        Assert.Equal(0, NativeMethods.ngtcp2_conn_shutdown_stream_write(Native, 0, id, code));
        Wake();
    }

    private protected override int OnStreamData(long stream, bool fin, byte* data, nuint length)
    {
        const long FirstOfServer = 3;
        if (stream == FirstOfServer)
            _controlStream.AddRange(new ReadOnlySpan<byte>(data, (int)length));
        return base.OnStreamData(stream, fin, data, length);
    }
}

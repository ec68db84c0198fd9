using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Tls;

namespace Relay.Node.Tests.Streams;

/// <summary>TLS over TCP: what is negotiated, what is refused, and that bytes arrive whatever the kernel takes.</summary>
[Collection(nameof(MeasuredAllocation))]
public class TlsStreamTests
{
    private readonly byte[] _buffer = new byte[TlsStream.MaxRecord];

    [Theory]
    [InlineData("h2", "h2,http/1.1", "h2")]
    [InlineData("http/1.1,h2", "h2,http/1.1", "h2")]
    [InlineData("http/1.1", "h2,http/1.1", "http/1.1")]
    [InlineData("", "h2,http/1.1", "")]
    public void Handshake_Protocols_TheServersFirstThatBothHave(string client, string server, string negotiated)
    {
        using var pair = new TlsPair(clientProtocols: List(client), serverProtocols: List(server));
        Assert.Equal((0, 0), pair.Handshake());
        Assert.Equal(negotiated == "h2", pair.Server.HasProtocol("h2"u8));
        Assert.Equal(negotiated == "http/1.1", pair.Server.HasProtocol("http/1.1"u8));
    }

    [Fact]
    public void Handshake_NoCommonProtocol_IsRefusedWithItsAlert()
    {
        using var pair = new TlsPair(clientProtocols: ["h3"]);
        var (client, server) = pair.Handshake();
        Assert.True(client < 0 && server < 0);
        // no_application_protocol (RFC 7301 §3.2).
        Assert.Equal(120, pair.Client.Alert);
        Assert.NotEqual("", pair.Server.ErrorText);
    }

    [Fact]
    public void Handshake_UntrustedServer_Fails()
    {
        using var pair = new TlsPair(TestIdentity.Distrustful);
        Assert.True(pair.Handshake().Client < 0);
        Assert.NotEqual("", pair.Client.ErrorText);
    }

    [Fact]
    public void Handshake_ClientCertificate_IsKnown()
    {
        var authority = new ClientAuthority();
        using var pair = new TlsPair(authority.Client(null, out var sha256), TestIdentity.ServerFor(authority));
        Assert.Equal((0, 0), pair.Handshake());
        Assert.Equal(
            sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(pair.Server.CopyPeerCertificate()!)));
    }

    [Fact]
    public void Handshake_WithoutClientCertificate_IsRefusedAsSuch()
    {
        using var pair = new TlsPair(server: TestIdentity.ServerFor(new ClientAuthority()));
        Assert.True(pair.Handshake().Server < 0);
        Assert.True(pair.Server.RefusedCertificate);
    }

    // The second names the authority as its issuer, and is signed by another key.
    [Theory]
    [InlineData("Others")]
    [InlineData("Clients")]
    public void Handshake_StrangersCertificate_IsRefusedAsSuch(string name)
    {
        using var pair = new TlsPair(
            new ClientAuthority("Clients").Client(), TestIdentity.ServerFor(new ClientAuthority(name)));
        Assert.True(pair.Handshake().Server < 0);
        Assert.True(pair.Server.RefusedCertificate);
    }

    [Fact]
    public void Handshake_Garbage_FailsWithoutAWaitForMore()
    {
        using var pair = new TlsPair();
        _ = pair.Client.Socket.Send("GET / HTTP/1.1\r\nHost: relay.test\r\n\r\n"u8);
        int result;
        while ((result = pair.Server.Handshake()) == -Errno.EAGAIN)
            Thread.Yield();
        Assert.Equal(-Errno.EPROTO, result);
    }

    [Fact]
    public void Bytes_MoreThanTheKernelTakes_ArriveInOrderBothWays()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        var sent = RandomNumberGenerator.GetBytes(8 * 1024 * 1024);
        // Both at a time: each finds the loop's memory in the other's hands, and what it left there in its own.
        var (up, down) = (new Transfer(pair.Client, pair.Server, sent), new Transfer(pair.Server, pair.Client, sent));
        // Nobody reads: what the kernel takes of itself is far less.
        while (!up.WasBlocked && !up.IsSent)
            up.Send();
        Assert.True(up.WasBlocked);
        while (!up.IsComplete || !down.IsComplete)
        {
            up.Turn(_buffer);
            down.Turn(_buffer);
        }
        Assert.Equal(sent, up.Received);
        Assert.Equal(sent, down.Received);
    }

    [Fact]
    public void Bytes_OnceTheyFlow_AllocateNothing()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        var record = new byte[TlsStream.MaxRecord];
        Exchange(records: 50);
        Assert.Equal(0, Allocations.Of(() => Exchange(records: 50)));

        void Exchange(int records)
        {
            for (var i = 0; i < records; i++)
            {
                // The server's answer finds the loop's memory in the client's hands, and what that left there.
                TlsPair.Write(pair.Client, record);
                TlsPair.Write(pair.Client, record);
                for (var left = 2 * record.Length; left > 0; left -= TlsPair.Read(pair.Server, _buffer))
                    TlsPair.Write(pair.Server, record.AsSpan(0, 100));
                while (pair.Client.Read(_buffer) > 0)
                    ;
            }
        }
    }

    [Fact]
    public void Read_HeldInput_IsKeptForItsStreamWhileAnotherReads()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        TlsPair.Write(pair.Client, "one"u8);
        TlsPair.Write(pair.Client, "two"u8);
        TlsPair.Write(pair.Server, "three"u8);
        // The server has received both records, and read one, when the client needs the memory.
        Assert.Equal(3, TlsPair.Read(pair.Server, _buffer));
        Assert.True(pair.Server.HasInput);
        Assert.Equal(5, TlsPair.Read(pair.Client, _buffer));
        Assert.Equal(3, TlsPair.Read(pair.Server, _buffer));
        Assert.Equal("two"u8, _buffer.AsSpan(0, 3));
        Assert.False(pair.Server.HasInput);
    }

    [Fact]
    public void EndWriting_IsAnEndInOrder_AndTheOtherWayGoesOn()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        pair.Client.EndWriting();
        Assert.Equal(0, pair.Client.Flush());
        Assert.Equal(0, TlsPair.Read(pair.Server, _buffer));
        TlsPair.Write(pair.Server, "more"u8);
        Assert.Equal(4, TlsPair.Read(pair.Client, _buffer));
    }

    [Fact]
    public void Read_EndWithoutNotice_IsNoEndInOrder()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        pair.Client.Socket.ShutdownWrite();
        Assert.Equal(-Errno.ECONNRESET, TlsPair.Read(pair.Server, _buffer));
    }

    [Fact]
    public void Read_ChangedRecord_FailsAndSaysSo()
    {
        using var pair = new TlsPair();
        Assert.Equal((0, 0), pair.Handshake());
        byte[] record = [0x17, 3, 3, 0, 32, .. new byte[32]];
        _ = pair.Client.Socket.Send(record);
        Assert.Equal(-Errno.EPROTO, TlsPair.Read(pair.Server, _buffer));
        Assert.NotEqual(0, pair.Server.Error);
    }

    private static string[] List(string names) => names.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Transfer(TlsStream from, TlsStream to, byte[] data)
    {
        private readonly List<byte> _received = new(data.Length);
        private int _sent;

        public bool IsComplete => _received.Count == data.Length;

        public bool WasBlocked { get; private set; }

        public byte[] Received => _received.ToArray();

        public bool IsSent => _sent == data.Length;

        public void Turn(byte[] buffer)
        {
            Send();
            var result = to.Read(buffer);
            if (result > 0)
                _received.AddRange(buffer.AsSpan(0, result));
            else
                Assert.Equal(-Errno.EAGAIN, result);
        }

        public void Send()
        {
            for (var left = TlsStream.MaxQuantum; left > 0 && _sent < data.Length; left -= TlsStream.MaxRecord)
            {
                if (from.Flush() == -Errno.EAGAIN)
                {
                    WasBlocked = true;
                    break;
                }
                var length = Math.Min(TlsStream.MaxRecord, data.Length - _sent);
                Assert.Equal(0, from.Write(data.AsSpan(_sent, length)));
                _sent += length;
            }
            _ = from.Flush();
        }
    }
}

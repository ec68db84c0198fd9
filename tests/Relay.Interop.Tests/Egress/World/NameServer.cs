using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>
/// A DNS server (RFC 1035) that answers what the test tells it to, for every name alike, and is silent about all else.
/// </summary>
internal sealed class NameServer : IDisposable
{
    public const ushort A = 1;
    public const ushort Aaaa = 28;

    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, IPAddress?> _answers = [];
    private readonly List<(byte[] Query, EndPoint From)> _waiting = [];
    private readonly Thread _thread;

    private NameServer(Socket socket)
    {
        _socket = socket;
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The names and types that were asked for.</summary>
    public ConcurrentQueue<(string Name, ushort Type)> Asked { get; } = [];

    public static NameServer Start(NetworkNamespace network, string address) => new(network.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 53));
        return socket;
    }));

    /// <summary>Answers a type from now on, also to those who wait; null is an answer without records.</summary>
    public void Answer(ushort type, string? address)
    {
        lock (_gate)
        {
            _answers[type] = address is null ? null : IPAddress.Parse(address);
            foreach (var (query, from) in _waiting.Where(one => TypeOf(one.Query) == type))
                _socket.SendTo(Response(query), from);
            _waiting.RemoveAll(one => TypeOf(one.Query) == type);
        }
    }

    public void Dispose()
    {
        // No DNS message is so short.
        _socket.SendTo([0], _socket.LocalEndPoint!);
        _thread.Join();
        _socket.Dispose();
    }

    private void Serve()
    {
        var buffer = new byte[512];
        while (true)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var length = _socket.ReceiveFrom(buffer, ref from);
            if (length == 1)
                return;
            var query = buffer[..length];
            Asked.Enqueue((NameOf(query), TypeOf(query)));
            lock (_gate)
            {
                if (_answers.ContainsKey(TypeOf(query)))
                    _socket.SendTo(Response(query), from);
                else
                    _waiting.Add((query, from));
            }
        }
    }

    private byte[] Response(byte[] query)
    {
        var address = _answers[TypeOf(query)];
        var response = new List<byte>(query[..(QuestionEnd(query) + 4)]);
        (response[2], response[3]) = (0x85, 0x80); // a response, authoritative, recursion desired and available
        (response[7], response[9], response[11]) = ((byte)(address is null ? 0 : 1), 0, 0);
        if (address is not null)
        {
            var data = address.GetAddressBytes();
            // The question's name; its type; IN; 60 s.
            response.AddRange([0xc0, 12, 0, (byte)TypeOf(query), 0, 1, 0, 0, 0, 60, 0, (byte)data.Length, .. data]);
        }
        return [.. response];
    }

    private static string NameOf(byte[] query)
    {
        var labels = new List<string>();
        for (var at = 12; query[at] != 0; at += query[at] + 1)
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        return string.Join('.', labels);
    }

    private static ushort TypeOf(byte[] query) => BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(QuestionEnd(query)));

    private static int QuestionEnd(byte[] query)
    {
        var at = 12;
        while (query[at] != 0)
            at += query[at] + 1;
        return at + 1;
    }
}

using System.Diagnostics;
using Relay.Abuse.Wire;
using Relay.Native.Quic;
using Relay.Testing.Http2;

namespace Relay.Abuse.Attacks;

/// <summary>One run of an attack: whom it is against, for how long, and what came of it. One thread's, but for its counts.</summary>
/// <param name="relay">The relay.</param>
/// <param name="targets">Targets of tunnels.</param>
/// <param name="limit">How long it lasts.</param>
/// <param name="connections">How many connections it has at most at a time.</param>
internal sealed class Assault(IPEndPoint relay, TargetSet targets, TimeSpan limit, int connections)
{
    /// <summary>Another source than the neighbour's, as most attackers are.</summary>
    public static readonly IPAddress From = IPAddress.Parse("127.0.0.2");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();

    public IPEndPoint Relay => relay;

    public TargetSet Targets => targets;

    public int MaxConnections => connections;

    public bool IsOver => Stopwatch.GetElapsedTime(_began) >= limit;

    /// <summary>Connections that were made.</summary>
    public int Connections { get; private set; }

    /// <summary>Of these, those that the relay ended.</summary>
    public int Ended { get; private set; }

    /// <summary>By which codes of CONNECTION_CLOSE, and how many by each.</summary>
    public SortedDictionary<string, int> Codes { get; } = [];

    /// <summary>Connections that the relay would not take.</summary>
    public int Refused { get; private set; }

    /// <summary>Requests, frames, packets: what the attack is made of.</summary>
    public long Done { get; set; }

    /// <summary>A connection by QUIC whose handshake is complete; null where there is none to be had.</summary>
    public QuicPeer? ConnectQuic(QuicParameters? parameters = null)
    {
        var peer = new QuicPeer(relay, From, parameters);
        if (Count(peer.Establish(Patience)))
            return peer;
        peer.Dispose();
        return null;
    }

    /// <summary>The same over TCP.</summary>
    public TlsPeer? ConnectTls(string protocol)
    {
        var peer = TlsPeer.Connect(relay, From, protocol);
        Count(peer is not null);
        return peer;
    }

    /// <summary>A connection of HTTP/2, on which the preface was said, and more.</summary>
    public TlsPeer? ConnectHttp2(ReadOnlySpan<byte> more = default)
    {
        var peer = ConnectTls("h2");
        peer?.Send([.. Frames.Preface, .. Frames.Write(Frames.Settings, 0, 0, []), .. more]);
        return peer;
    }

    /// <summary>A connection by TCP, on which nothing was said.</summary>
    public Socket? ConnectTcp()
    {
        var socket = TlsPeer.Connect(relay, From);
        Count(socket is not null);
        return socket;
    }

    /// <summary>
    /// Holds as many connections as there may be, does something with each in turn, and makes a new one in the place of each that
    /// the relay has ended.
    /// </summary>
    public void OnEach<T>(Func<T?> connect, Func<T, bool> act) where T : class, IDisposable
    {
        var open = new List<T>();
        try
        {
            while (!IsOver)
            {
                if (open.Count < connections && connect() is { } made)
                    open.Add(made);
                for (var i = open.Count - 1; i >= 0 && !IsOver; i--)
                {
                    if (act(open[i]))
                        continue;
                    NoteEnd(open[i]);
                    open[i].Dispose();
                    open.RemoveAt(i);
                }
                if (open.Count == 0)
                    Thread.Sleep(10);
            }
        }
        finally
        {
            open.ForEach(static one => one.Dispose());
        }
    }

    private void NoteEnd(object connection)
    {
        Ended++;
        // RFC 9000 §19.19: of the transport, or of HTTP/3.
        if (connection is not QuicPeer { Client.Close: { } close })
            return;
        var code = $"{(close.Type == 0x1c ? "transport" : "h3")} 0x{close.Numbers[0]:x}";
        Codes[code] = Codes.GetValueOrDefault(code) + 1;
    }

    private bool Count(bool isThere)
    {
        if (isThere)
            Connections++;
        else
            Refused++;
        return isThere;
    }
}

using Relay.Native.Quic;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <content>
/// Datagrams: those that came before their request, and the line of tunnels that have some for the client.
/// </content>
internal sealed partial class RelayConnection
{
    private readonly Queue<RequestStream> _line = new();
    private List<(long Stream, byte[] Datagram)>? _early;
    private int _earlyBytes;
    private int _peekedLength;
    private bool _lineMoved;

    /// <summary>Puts a stream in line: its target has datagrams.</summary>
    internal void Line(RequestStream stream)
    {
        if (stream.InDatagramLine)
            return;
        _line.Enqueue(stream);
        stream.InDatagramLine = true;
        MarkDirty();
    }

    /// <summary>Takes the datagrams that arrived before their request did; without a tunnel nobody will.</summary>
    internal void TakeEarlyDatagrams(RequestStream stream)
    {
        if (_early is null)
            return;
        for (var i = 0; i < _early.Count;)
        {
            var (id, datagram) = _early[i];
            if (id != stream.Id)
            {
                i++;
                continue;
            }
            _early.RemoveAt(i);
            _earlyBytes -= datagram.Length;
            if (stream.Request.Tunnel is { } tunnel)
                tunnel.OnDatagram(datagram);
            else
                Loop.Counters.UpstreamDropsEarly++;
        }
        if (_early.Count == 0)
            _early = null;
    }

    /// <inheritdoc/>
    protected override void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        var result = HttpDatagram.Read(datagram, out var quarterStreamId, out var consumed);
        if (result != HttpDatagramReadResult.Success)
        {
            // RFC 9297 §2.1: "Receipt of an HTTP/3 Datagram that includes a larger value MUST be treated as …
            // H3_DATAGRAM_ERROR"; the same for one that is too short.
            FailConnection(Http3ErrorCode.DatagramError);
            return;
        }
        Client.OnActivity();
        var id = (long)quarterStreamId * 4;
        var payload = datagram[consumed..];
        var stream = FindStream(id) as RequestStream;
        if (stream?.Request.Tunnel is { } tunnel)
            tunnel.OnDatagram(payload);
        else if (stream is null ? IsOver(id) : !stream.Request.AwaitsHeaders)
            Loop.Counters.UpstreamDropsEarly++;
        else
            HoldEarly(id, payload);
    }

    /// <inheritdoc/>
    protected override bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
    {
        while (_line.TryPeek(out var stream))
        {
            if (!stream.IsClosed && stream.Request.Udp!.TryPeek(out payload))
            {
                prefix = stream.DatagramPrefix;
                _peekedLength = payload.Length;
                return true;
            }
            stream.InDatagramLine = false;
            _line.Dequeue();
        }
        prefix = payload = default;
        return false;
    }

    /// <inheritdoc/>
    protected override void AdvanceDatagram(DatagramFate fate)
    {
        _lineMoved = true;
        Client.OnActivity();
        _line.Peek().Request.Udp!.Advance(fate == DatagramFate.Sent, _peekedLength);
    }

    /// <summary>Gives the next tunnel in line its turn, so that one busy tunnel does not starve the others.</summary>
    private void RotateLine()
    {
        if (_lineMoved && _line.Count > 1)
            _line.Enqueue(_line.Dequeue());
        _lineMoved = false;
    }

    /// <summary>
    /// RFC 9297 §2.1: a datagram for a stream that has not yet been created is dropped or held "on the order of a round
    /// trip"; held here, bounded, since the request may merely have been overtaken.
    /// </summary>
    private void HoldEarly(long id, ReadOnlySpan<byte> payload)
    {
        if (_early?.Count >= EarlyDatagrams.MaxCount || _earlyBytes + payload.Length > EarlyDatagrams.MaxBytes)
        {
            Loop.Counters.UpstreamDropsEarly++;
            return;
        }
        (_early ??= []).Add((id, payload.ToArray()));
        _earlyBytes += payload.Length;
    }

    private bool IsOver(long id) => id <= _highestRequest && _overtaken?.Contains(id) != true;
}

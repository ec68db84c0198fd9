using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Protocol;

namespace Relay.Node.Http1;

/// <summary>
/// HTTP/1.1 (RFC 9112): one request a connection, which becomes its tunnel, by CONNECT (RFC 9110 §9.3.6) or by
/// <c>Upgrade: connect-udp</c> (RFC 9298 §3.2), or is refused and ends it.
/// </summary>
internal sealed class Http1Protocol : StreamProtocol
{
    /// <summary>Fields of the version's own that a head may have besides, as <c>Host</c> and <c>Connection</c>.</summary>
    private const int OwnFields = 8;

    private readonly ulong _openedAt;
    private Http1RequestReader? _head;
    private RequestStream? _request;
    private ReadOnlyMemory<byte> _answer;
    private bool _over;
    private bool _waits;
    private ReadOnlyMemory<byte> _behind;

    /// <summary>A connection is established.</summary>
    internal Http1Protocol(ClientConnection client, IByteStream stream) : base(client, stream)
    {
        _openedAt = client.Loop.Now;
        var most = client.Context.MaxFieldSection;
        _head = new Http1RequestReader(
            most, Math.Min(most / RequestHeaders.FieldOverhead, client.Context.MaxFields + OwnFields));
        client.OnRequestAwaited();
    }

    /// <inheritdoc/>
    internal override HttpProtocol Version => HttpProtocol.Http11;

    // A request counts from its first byte.
    /// <inheritdoc/>
    internal override int StreamCount => _request is { IsClosed: false } || _head is { HasBegun: true } ? 1 : 0;

    /// <inheritdoc/>
    internal override long Unconsumed => (_request?.Unconsumed ?? 0) + _behind.Length;

    /// <inheritdoc/>
    internal override bool TakesBytes => !_waits && (IsOver || _request is null or { TakesBytes: true });

    /// <inheritdoc/>
    internal override bool HasEnded => _over || _request is { HasEnded: true };

    /// <inheritdoc/>
    internal override bool IsOver => _over || _request is { IsOver: true };

    // What the client has ended may be its half of a tunnel.
    /// <inheritdoc/>
    internal override bool EndsWithClient => false;

    // HTTP/1.1 has no codes of errors.
    /// <inheritdoc/>
    internal override bool HasFailed => false;

    /// <inheritdoc/>
    internal override CloseFacts? Facts => null;

    /// <summary>Whether the client has all bytes of its answer and its tunnel, as far as can be known.</summary>
    internal bool HasArrived => _answer.IsEmpty && Stream.HasArrived;

    /// <inheritdoc/>
    internal override void Receive(ReadOnlySpan<byte> data)
    {
        if (_head is { } head && !_over)
        {
            if (head.Read(data, out var consumed) == Http1ReadResult.NeedMore)
                return;
            data = data[consumed..];
            if (Client.Context.Requests.IsFullFor(Client))
            {
                (_waits, _behind) = (true, data.ToArray());
                Client.Context.Requests.Wait(Client, GoOn);
                return;
            }
            Begin(head);
            Client.Context.Requests.EndReading();
        }
        // RFC 9931: what comes behind a request that is refused is no request.
        if (!data.IsEmpty && !IsOver)
            _request?.Receive(data);
    }

    /// <summary>Another turn, which has room for a request.</summary>
    private void GoOn()
    {
        if (!_waits)
            return;
        _waits = false;
        if (_head is not { } head || _over)
            return;
        Begin(head);
        if (!_behind.IsEmpty && !IsOver)
            _request?.Receive(_behind.Span);
        _behind = default;
        Stream.RequestRead();
        Stream.RequestWrite();
    }

    /// <inheritdoc/>
    internal override void ReceiveEnd()
    {
        if (_request is null)
            End();
        else if (!IsOver)
            _request.Request.OnEndOfStream();
    }

    /// <inheritdoc/>
    internal override int Write(Span<byte> destination)
    {
        // In a record of its own: a client that looks for more at its socket, and not in what TLS has read of it, would
        // wait for the first bytes of a target that speaks first (curl before 8).
        if (Math.Min(_answer.Length, destination.Length) is var written and > 0)
        {
            _answer.Span[..written].CopyTo(destination);
            _answer = _answer[written..];
            return written;
        }
        return _request is not null && (!_over || _request.HasRest) ? _request.Pull(destination) : 0;
    }

    /// <inheritdoc/>
    internal override void Lose(int most)
    {
        _waits = false;
        _behind = default;
        Forget();
        _request?.Close();
    }

    /// <inheritdoc/>
    internal override void Shutdown()
    {
        if (_request is { IsWithinBytes: true })
            Stream.Reset();
        else
            End();
    }

    /// <inheritdoc/>
    internal override void RefuseLoad() => Refuse(RequestErrorOf(431));

    /// <inheritdoc/>
    internal override ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        reset = 0;
        if (_head is null || _over || _waits)
            return ulong.MaxValue;
        if (_openedAt > openedBy)
            return _openedAt;
        reset = 1;
        Refuse(RequestErrorOf(408));
        return ulong.MaxValue;
    }

    /// <summary>Sends the head of a response.</summary>
    internal void Send(in ResponseHead head, bool upgrades)
    {
        if (_over)
            return;
        _answer = ResponseFields.Of(head, upgrades, Stream.AltSvc);
        Stream.RequestWrite();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    private void Begin(Http1RequestReader head)
    {
        Client.Context.Requests.OnRequests(Client, 1);
        _request = new RequestStream(this);
        _request.Begin(head);
        Forget();
    }

    /// <summary>Answers what did not become a request, and ends.</summary>
    private void Refuse(in ResponseHead head)
    {
        if (_request is not { IsOver: true })
            Send(head, upgrades: false);
        End();
    }

    private void End()
    {
        _over = true;
        Stream.RequestWrite();
    }

    private void Forget()
    {
        _head?.Release();
        _head = null;
    }

    private static ResponseHead RequestErrorOf(int status) =>
        new(status, ProxyStatus.Format(null, ProxyErrorType.HttpRequestError));
}

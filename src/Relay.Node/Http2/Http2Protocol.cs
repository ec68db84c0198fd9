using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Streams;
using Relay.Protocol;

namespace Relay.Node.Http2;

/// <summary>HTTP/2 (RFC 9113) over a byte stream: a client's session, its life and its end.</summary>
internal sealed partial class Http2Protocol : StreamProtocol
{
    private readonly ServerSession _session;
    private readonly ActionTimer _question;
    private readonly ulong _openedAt;
    private ulong _askedAt;
    private ulong _askAfter;
    private ulong _receivedAt;
    private int _growth;
    private bool _refusesRequests;

    /// <summary>A connection whose client chose HTTP/2.</summary>
    /// <param name="context">What the loop's HTTP/2 connections share.</param>
    /// <param name="client">The connection as sessions, limits and drains see it.</param>
    /// <param name="stream">The way of its bytes.</param>
    internal Http2Protocol(Http2Context context, ClientConnection client, IByteStream stream) : base(client, stream)
    {
        Context = context;
        _question = new ActionTimer(client, OnSilence);
        SetBudgets(context);
        _session = new ServerSession(this, context.Parameters);
        _openedAt = Now;
        // RFC 9113 §3.4: the client's preface is the first that it sends, and need not wait for anything.
        client.OnRequestAwaited();
        stream.RequestWrite();
    }

    /// <summary>What the loop's HTTP/2 connections share.</summary>
    internal Http2Context Context { get; }

    /// <summary>The loop's clock.</summary>
    internal ulong Now => Client.Loop.Now;

    /// <inheritdoc/>
    internal override HttpProtocol Version => HttpProtocol.Http2;

    /// <inheritdoc/>
    internal override int StreamCount => _session.StreamCount;

    /// <inheritdoc/>
    internal override long Unconsumed => _session.Unconsumed + _held.Length;

    /// <inheritdoc/>
    internal override bool HasEnded => _session.IsOver;

    /// <inheritdoc/>
    internal override bool IsOver => _session.IsOver;

    /// <inheritdoc/>
    internal override bool HasWindows => true;

    // Without its WINDOW_UPDATEs and its ends nothing of HTTP/2 gets far.
    /// <inheritdoc/>
    internal override bool EndsWithClient => true;

    /// <inheritdoc/>
    internal override bool HasFailed => _session.LibraryError != 0
        || Http2ErrorCode.IsError(_session.CodeReceived ?? 0) || Http2ErrorCode.IsError(_session.CodeSent ?? 0);

    // An error of either side tells more than the other's answer to it.
    /// <inheritdoc/>
    internal override CloseFacts? Facts => (_session.CodeReceived, _session.CodeSent) switch
    {
        (null, null) => null,
        ({ } received, _) when Http2ErrorCode.IsError(received) => Fact(received),
        var (received, sent) => Fact(sent ?? received ?? 0),
    };

    private CloseFacts Fact(uint code) => new("Application", code, _session.LibraryError);

    /// <inheritdoc/>
    internal override void ReceiveEnd()
    {
        _session.Terminate(Http2ErrorCode.NoError);
        Stream.RequestWrite();
    }

    /// <inheritdoc/>
    internal override int Write(Span<byte> destination)
    {
        var tookBytes = TakesBytes;
        var length = _session.Send(destination);
        if (!tookBytes && TakesBytes)
            Stream.RequestRead();
        return length;
    }

    /// <inheritdoc/>
    internal override void Lose(int most)
    {
        _held = default;
        _session.Lose(most);
    }

    /// <inheritdoc/>
    internal override void AskForLife(ulong after)
    {
        (_askedAt, _askAfter) = (Now, after);
        Client.Loop.Timers.Set(_question, Now + after);
    }

    /// <inheritdoc/>
    internal override void AnnounceShutdown()
    {
        _session.AnnounceShutdown();
        Stream.RequestWrite();
    }

    /// <inheritdoc/>
    internal override void RefuseRequests()
    {
        _refusesRequests = true;
        _session.RefuseRequests();
        Stream.RequestWrite();
    }

    /// <inheritdoc/>
    internal override void Shutdown() => End(Http2ErrorCode.NoError);

    /// <inheritdoc/>
    internal override void RefuseLoad() => EndFlood(Http2Flood.HeaderSection);

    /// <inheritdoc/>
    public override void Dispose()
    {
        Client.Loop.Timers.Clear(_question);
        _session.Dispose();
        base.Dispose();
    }

    /// <summary>Lets a stream's window grow, and the connection's with it.</summary>
    /// <param name="wanted">In bytes.</param>
    /// <returns>By how much it may.</returns>
    internal int TakeGrowth(int wanted)
    {
        var parameters = Context.Parameters;
        var taken = Client.IsFull ? 0 : Math.Min(wanted, parameters.MaxGrowth - _growth);
        _growth += taken;
        // What one stream leaves lying must not be what the others have.
        _session.GrowWindow(parameters.InitialConnectionWindow + _growth);
        return taken;
    }

    /// <summary>A stream is closed whose window had grown.</summary>
    internal void ReturnGrowth(int growth) => _growth -= growth;

    private void End(uint errorCode)
    {
        _session.Terminate(errorCode);
        Stream.RequestWrite();
    }

    private void OnSilence()
    {
        if (_receivedAt > _askedAt)
            return;
        // One that is still to be written asks as well as two.
        if (_session.QueuedFrames == 0)
            _session.Ping();
        Stream.RequestWrite();
        Client.Loop.Timers.Set(_question, Now + _askAfter);
    }
}

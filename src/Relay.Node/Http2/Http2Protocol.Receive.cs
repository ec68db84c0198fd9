using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Http2;

/// <content>
/// What a client sends, and how much of it: RFC 9113 §10.5 lists what a peer can do to have another work for nothing.
/// </content>
internal sealed partial class Http2Protocol
{
    /// <summary>Frames for the client that may wait while more is taken from it: who does not read is not read.</summary>
    private const int MaxQueued = 128;

    /// <summary>Bytes that a tunnel carries which are worth a frame that carries none.</summary>
    private const int BytesWorthFrame = 1024;

    /// <summary>
    /// Frames that a DATA frame which went to the client is worth: some clients answer each with two WINDOW_UPDATEs.
    /// </summary>
    private const int DataWorthFrames = 4;

    /// <summary>Bytes of a DATA frame below which it is small.</summary>
    private const int SmallFrame = 256;

    /// <summary>Bytes that are looked at between two counts of requests, as long as no frame goes on for longer.</summary>
    private const int Slice = 512;

    private ReadOnlyMemory<byte> _held;
    private Action? _goOn;
    private FrameBudget _control;
    private FrameBudget _resets;
    private FrameMeter _meter;
    private int _refused;
    private long _awaitedSection;
    private ulong _awaitedSince;

    private RequestTurns Requests => Client.Context.Requests;

    private void SetBudgets(Http2Context context)
    {
        var streams = context.Parameters.MaxConcurrentStreams;
        _control = FrameBudget.Of(context.ControlFramesPerSecond, streams);
        _resets = FrameBudget.Of(context.ResetsPerSecond, streams);
    }

    /// <inheritdoc/>
    internal override bool TakesBytes =>
        _session.IsTerminating || (_session.QueuedFrames < MaxQueued && _held.IsEmpty);

    /// <inheritdoc/>
    internal override void Receive(ReadOnlySpan<byte> data)
    {
        _receivedAt = Now;
        var taken = TakeSlices(data);
        if (taken < data.Length)
        {
            _held = data[taken..].ToArray();
            Requests.Wait(Client, _goOn ??= GoOn);
        }
        Stream.RequestWrite();
    }

    /// <summary>Another turn: the next of the requests that came at once.</summary>
    private void GoOn()
    {
        if (_held.IsEmpty)
            return;
        _held = _held[TakeSlices(_held.Span)..];
        if (_held.IsEmpty)
            Stream.RequestRead();
        else
            Requests.Wait(Client, _goOn!);
        Stream.RequestWrite();
    }

    /// <returns>How much of it was taken: all, but for what is behind the turn's last request.</returns>
    private int TakeSlices(ReadOnlySpan<byte> data)
    {
        // A record has hundreds.
        var last = _meter.Sections + Requests.OfConnection;
        for (var taken = 0; taken < data.Length && !_session.IsTerminating;)
        {
            var before = _meter.Sections;
            if (before >= last || Requests.IsFullFor(Client))
                return taken;
            var length = Math.Min(Math.Max(Slice, _meter.PayloadLeft), data.Length - taken);
            Requests.BeginReading(Client);
            TakeSlice(data.Slice(taken, length));
            taken += length;
            if (_meter.Sections > before)
                Requests.OnRequests(Client, (int)(_meter.Sections - before));
            Requests.EndReading();
        }
        return data.Length;
    }

    private void TakeSlice(ReadOnlySpan<byte> data)
    {
        var frames = _meter.Read(data);
        _control.Earn(frames.Bytes / BytesWorthFrame);
        if (!_control.TryTake(frames.Control, Now))
            EndFlood(Http2Flood.ControlFrames);
        else if (Charge(frames.Resets))
            Take(data);
    }

    /// <summary>The client reset a request that was not answered, or had it reset.</summary>
    internal void OnUnansweredReset() => Charge(FrameBudget.UnansweredReset - 1);

    /// <summary>A tunnel opened.</summary>
    internal void OnTunnelOpened() => _control.Earn(DataWorthFrames);

    // CVE-2019-9511: small windows make for small frames. One that a window makes small is worth its bytes.
    /// <summary>A DATA frame went to the client.</summary>
    internal void OnDataSent(int length, bool cutShort)
    {
        if (length == 0)
            return;
        _control.Earn((cutShort && length < SmallFrame ? 0 : DataWorthFrames) + (length / BytesWorthFrame));
        if (length >= SmallFrame)
            _resets.Earn(1);
    }

    // CVE-2025-8671: a client that has its streams reset for what it does need not reset them itself.
    /// <summary>A stream was reset, or refused, for what its client did.</summary>
    internal void OnResetByLibrary(uint errorCode)
    {
        if (errorCode == Http2ErrorCode.RefusedStream)
            Client.Loop.Counters.RefusedStreams++;
        OnResetForFault();
    }

    /// <summary>nghttp2 itself ends the connection.</summary>
    internal void OnEndedByLibrary(uint errorCode)
    {
        // More settings in one frame than it takes.
        if (errorCode == Http2ErrorCode.EnhanceYourCalm)
            Client.Loop.Counters.Http2Floods[(int)Http2Flood.ControlFrames]++;
    }

    // RFC 9113 §6.8: it is above what the final GOAWAY names, "not processed", and may be tried again elsewhere.
    /// <summary>Whether a request may begin, which has come before the client can know that none is taken any more.</summary>
    internal bool TakesRequest()
    {
        if (_refusesRequests)
            Client.Loop.Counters.RefusedDraining++;
        return !_refusesRequests;
    }

    /// <summary>A stream was reset for what its client did; that is as good as by the client.</summary>
    internal void OnResetForFault() => Charge(1);

    /// <summary>A request was refused; for what its client did, it came to nothing, as one that is reset does.</summary>
    /// <returns>Whether its stream may stay open until its client closes it.</returns>
    internal bool MayStayOpen(bool isClientsFault)
    {
        if (isClientsFault)
            Charge(1);
        return ++_refused <= Context.Parameters.MaxRefusedRequests;
    }

    /// <summary>The stream of a request that was refused has closed.</summary>
    internal void OnRefusedClosed() => _refused--;

    /// <summary>Takes resets from their budget, or ends the connection of who has used it up.</summary>
    private bool Charge(int resets)
    {
        if (_resets.TryTake(resets, Now))
            return true;
        EndFlood(Http2Flood.Resets);
        return false;
    }

    // RFC 9113 §4.3: a field block is "a contiguous sequence of frames, with no interleaved frames of any other type or
    // from any other stream": one that does not go on holds up the connection, not a stream.
    /// <inheritdoc/>
    internal override ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        reset = 0;
        var preface = !_session.HasPeerSettings;
        if (_session.IsTerminating || !(preface || _meter.IsInSection))
            return ulong.MaxValue;
        // What is missing may be in what waits for its turn.
        var since = !_held.IsEmpty ? Now : preface ? _openedAt : _awaitedSince;
        if (since > openedBy)
            return since;
        reset = 1;
        // RFC 9113 §6.5.3 has the code for SETTINGS that are not answered.
        End(preface ? Http2ErrorCode.SettingsTimeout : Http2ErrorCode.EnhanceYourCalm);
        return ulong.MaxValue;
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        _session.Receive(data);
        if (_session.LibraryError != 0)
            CountRefusedByLibrary();
        else if (_meter.IsInSection && _awaitedSection != _meter.Sections)
        {
            _awaitedSection = _meter.Sections;
            _awaitedSince = Now;
            Client.OnRequestAwaited();
        }
    }

    private void CountRefusedByLibrary()
    {
        if (_session.IsRefusedForHeaders)
            Client.Loop.Counters.Http2Floods[(int)Http2Flood.HeaderSection]++;
        else if (_session.IsRefusedForAcks)
            Client.Loop.Counters.Http2Floods[(int)Http2Flood.ControlFrames]++;
    }

    private void EndFlood(Http2Flood flood)
    {
        if (_session.IsTerminating)
            return;
        Client.Loop.Counters.Http2Floods[(int)flood]++;
        End(Http2ErrorCode.EnhanceYourCalm);
    }
}

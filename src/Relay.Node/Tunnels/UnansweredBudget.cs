using System.Net;

namespace Relay.Node.Tunnels;

/// <summary>
/// What a client may send to a UDP target that has not answered yet: enough for the first flight of any protocol, too
/// little to flood somebody who never asked. A trickle always passes: WireGuard, for one, calls every five seconds
/// until its peer is there, however long that takes.
/// </summary>
internal struct UnansweredBudget
{
    /// <summary>Datagrams that pass at any speed: a QUIC client's 0-RTT flight has some thirty.</summary>
    internal const int MaxDatagrams = 128;

    /// <summary>Bytes that pass at any speed.</summary>
    internal const int MaxBytes = 128 * 1024;

    /// <summary>Once those are used up, one datagram passes in this many nanoseconds.</summary>
    internal const ulong TrickleInterval = 1_000_000_000;

    /// <summary>Nanoseconds after which another answer of a target tells those who count on its pair again.</summary>
    private const ulong AnswerInterval = UnansweredPair.AnsweredFor / 4;

    private UnansweredPair? _pair;
    private ulong _owed;
    private ulong _nextAnswer;
    private bool _isOver;
    private bool _holds;
    private int _datagrams;
    private int _bytes;
    private ulong _next;

    /// <summary>Whether the target has answered, or need not.</summary>
    internal readonly bool IsOver => _isOver;

    /// <summary>The tunnel is open.</summary>
    /// <param name="targets">What each source may send.</param>
    /// <param name="source">The tunnel's.</param>
    /// <param name="target">Its target.</param>
    /// <param name="now">The loop's clock.</param>
    internal void Begin(UnansweredTargets targets, ulong source, IPEndPoint target, ulong now)
    {
        _isOver = targets.Allows(target);
        _pair = _isOver ? null : targets.Find(source, target.Address, now);
        _holds = _pair is not null;
    }

    /// <summary>The target has answered, for the first time or again.</summary>
    internal void OnAnswer(ulong now)
    {
        if (now < _nextAnswer)
            return;
        _nextAnswer = now + AnswerInterval;
        _isOver = true;
        _pair?.OnAnswered(_owed, now);
        _owed = 0;
        LetGo();
    }

    /// <summary>The tunnel is over.</summary>
    internal void LetGo()
    {
        if (_holds)
            _pair!.LetGo();
        _holds = false;
    }

    /// <summary>Takes a datagram's part of the budget, or says that there is none left.</summary>
    internal bool TryTake(int length, ulong now)
    {
        if (!Allows(length, now) || _pair?.TryTake(length, now) == false)
            return false;
        if (_pair is not null)
            _owed += _pair.CostOf(length);
        Take(length, now);
        return true;
    }

    private readonly bool Allows(int length, ulong now) =>
        (_datagrams < MaxDatagrams && _bytes + length <= MaxBytes) || now >= _next;

    private void Take(int length, ulong now)
    {
        _datagrams = Math.Min(_datagrams + 1, MaxDatagrams);
        _bytes = Math.Min(_bytes + length, MaxBytes);
        _next = now + TrickleInterval;
    }
}

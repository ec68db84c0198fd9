namespace Relay.Node.Tunnels;

/// <summary>
/// Datagrams that a client sent before it had an answer (RFC 9298 §5 lets it). Held, bounded, and not lost: the first
/// of them is usually the QUIC Initial of the connection inside.
/// </summary>
internal struct EarlyDatagrams
{
    /// <summary>How many are held.</summary>
    internal const int MaxCount = 8;

    /// <summary>How many bytes are held.</summary>
    internal const int MaxBytes = 64 * 1024;

    private List<byte[]>? _held;
    private int _bytes;

    /// <summary>Whether none is held.</summary>
    internal readonly bool IsEmpty => _held is null;

    /// <summary>Bytes that are held.</summary>
    internal readonly int Bytes => _bytes;

    /// <summary>Copies a datagram.</summary>
    /// <returns>False when the bound is reached.</returns>
    internal bool TryHold(ReadOnlySpan<byte> payload)
    {
        if (_held?.Count >= MaxCount || _bytes + payload.Length > MaxBytes)
            return false;
        (_held ??= []).Add(payload.ToArray());
        _bytes += payload.Length;
        return true;
    }

    /// <summary>Hands over what is held, in order, and forgets it.</summary>
    internal void Release<TState>(TState state, Action<TState, byte[]> action)
    {
        var held = _held;
        this = default;
        if (held is null)
            return;
        foreach (var payload in held)
            action(state, payload);
    }
}

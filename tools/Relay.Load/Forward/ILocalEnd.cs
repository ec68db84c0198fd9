namespace Relay.Load.Forward;

/// <summary>The local end of a TCP tunnel: a socket, or standard input and output.</summary>
internal interface ILocalEnd
{
    /// <summary>Reads without waiting.</summary>
    /// <returns>The bytes read; 0 for none now; <see cref="LocalEnd.Ended"/>; <see cref="LocalEnd.Failed"/>.</returns>
    int Read(Span<byte> buffer);

    /// <summary>Writes without waiting.</summary>
    /// <returns>The bytes taken, perhaps none; <see cref="LocalEnd.Failed"/>.</returns>
    int Write(ReadOnlySpan<byte> data);

    /// <summary>No more will be written.</summary>
    void EndWrite();

    /// <summary>The tunnel is over. In order, everything that was written still arrives.</summary>
    void Close(bool inOrder);
}

/// <summary>Results of <see cref="ILocalEnd"/> that are no lengths.</summary>
internal static class LocalEnd
{
    public const int Ended = -1;
    public const int Failed = -2;
}

using System.Net;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>
/// A client's connection as its version of HTTP has it: says what is known of it, and does what
/// <see cref="ClientConnection"/> decides. Belongs to one loop; each call that has something to say to the client asks
/// for a turn of writing.
/// </summary>
internal interface IConnectionCarrier : IDisposable
{
    /// <summary>The version of HTTP.</summary>
    HttpProtocol Protocol { get; }

    /// <summary>The address that its first packet came from.</summary>
    IPEndPoint ClientEndPoint { get; }

    /// <summary>Whom limits by source count it for; of <see cref="Io.SourceKey"/>.</summary>
    ulong SourceKey { get; }

    /// <summary>How the client's side of a tunnel goes away at this moment, as far as the transport knows.</summary>
    ClientEnd End { get; }

    /// <summary>Why the connection ended; meaningful once it has.</summary>
    CloseFacts CloseFacts { get; }

    /// <summary>Whether the handshake failed since the client's certificate is missing or not accepted.</summary>
    bool RefusedCertificate { get; }

    /// <summary>Streams of requests that are not closed, whatever became of the request.</summary>
    int StreamCount { get; }

    /// <summary>Closes streams of a connection that has ended; all that are left are closed with it.</summary>
    /// <param name="most">How many at most.</param>
    void CloseStreams(int most);

    /// <summary>Bytes of requests that arrived and that nobody has taken, also once it is over.</summary>
    long Unconsumed { get; }

    /// <summary>Nanoseconds within which the client would have answered.</summary>
    ulong ProbeTimeout { get; }

    /// <summary>Whether something has come from the client since a moment of the loop's clock.</summary>
    bool HasHeardSince(ulong time);

    /// <summary>Asks the client for a sign of life after so many nanoseconds without one.</summary>
    void AskForLife(ulong after);

    /// <summary>Announces the end, and still lets every request arrive (RFC 9114 §5.2, RFC 9113 §6.8).</summary>
    void AnnounceShutdown();

    /// <summary>Announces that no request is taken any more.</summary>
    void RefuseRequests();

    /// <summary>Closes the connection in order.</summary>
    void Shutdown();

    /// <summary>Ends the connection at once: nobody knows any more in what state it is.</summary>
    void Break();

    /// <summary>Ends the connection of a client that sends what only keeps the relay busy.</summary>
    void RefuseLoad();

    /// <summary>Resets the streams whose request has not arrived in time.</summary>
    /// <param name="openedBy">Those that opened at this time or before, on the loop's clock.</param>
    /// <param name="reset">How many there were.</param>
    /// <returns>When the first of the others opened; <see cref="ulong.MaxValue"/> where there is none.</returns>
    ulong ResetLateRequests(ulong openedBy, out int reset);

    /// <summary>Records the path's state, and counts what was lost since the last time.</summary>
    void Sample();
}

/// <summary>Why a connection ended, for the log.</summary>
/// <param name="Kind">Who or what ended it, in the transport's words.</param>
/// <param name="Code">The code that was sent or received.</param>
/// <param name="LibraryError">The library's own error, if any.</param>
internal readonly record struct CloseFacts(string Kind, ulong Code, int LibraryError);

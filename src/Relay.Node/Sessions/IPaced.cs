using Relay.Node.Io;

namespace Relay.Node.Sessions;

/// <summary>What passes a session's bytes: a tunnel.</summary>
internal interface IPaced : ITurnOwner
{
    /// <summary>Whether it waits for its session's pace; kept by that.</summary>
    bool AwaitsPace { get; set; }

    /// <summary>Bytes may pass again that the session's pace had held back.</summary>
    void OnPace();
}

using Relay.Node.Sessions;

namespace Relay.Node.Tests.Fleet;

/// <summary>Hears of sessions, and throws the next time.</summary>
internal sealed class FailingObserver : ISessionObserver
{
    /// <summary>What it throws when it is told of a change, or of a tunnel's end.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Changes of which it was told.</summary>
    public int Changes { get; private set; }

    public void OnChanged(Session session)
    {
        Throw();
        Changes++;
    }

    public void OnFlowOpened(Session session, IPEndPoint egress)
    {
    }

    public void OnFlowClosed(Session session, IPEndPoint egress) => Throw();

    private void Throw()
    {
        var fault = Fault;
        Fault = null;
        if (fault is not null)
            throw fault;
    }
}

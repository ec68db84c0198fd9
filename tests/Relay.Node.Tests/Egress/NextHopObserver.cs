using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Egress;

/// <summary>Hears of the next hop, whether it answers or not.</summary>
internal sealed class NextHopObserver<TFlow> : IConnectObserver<TFlow>
{
    private readonly TaskCompletionSource<string?> _nextHop =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string?> NextHop => _nextHop.Task;

    /// <summary>Why there is none, if there is none.</summary>
    public ConnectFailure? Failure { get; private set; }

    /// <summary>Whether nobody asks any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>What it throws once it has heard that there is none.</summary>
    public Exception? Fault { get; init; }

    /// <summary>What it was told that had been thrown in its turn.</summary>
    public List<Exception> Defects { get; } = [];

    public bool IsWaiting => !IsGone && !_nextHop.Task.IsCompleted;

    public void OnStep(SetUpStep step)
    {
    }

    public void OnConnected(TFlow flow, string nextHop)
    {
        (flow as ITcpFlow)?.Close();
        (flow as IUdpFlow)?.Close();
        _nextHop.SetResult(nextHop);
    }

    public void OnConnectFailed(ConnectFailure failure)
    {
        Failure = failure;
        _nextHop.SetResult(failure.NextHop);
        if (Fault is not null)
            throw Fault;
    }

    public void OnDefect(Exception exception)
    {
        Defects.Add(exception);
        _nextHop.TrySetException(exception);
    }

    public void OnReadable()
    {
    }

    public void OnFailed(int errno)
    {
    }
}

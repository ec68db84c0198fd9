namespace Relay.Interop.Tests.Egress.Client;

/// <summary>What becomes of a tunnel.</summary>
internal sealed class TunnelSignals
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ulong> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Status and Proxy-Status of the relay's answer.</summary>
    public Task<string> Answer => _answer.Task.WaitAsync(Limits.Exchange);

    /// <summary>The code with which the stream closed.</summary>
    public Task<ulong> Closed => _closed.Task.WaitAsync(Limits.Exchange);

    /// <summary>Waits longer than tests do otherwise.</summary>
    public Task<ulong> WaitForCloseAsync(TimeSpan limit, CancellationToken cancel) =>
        _closed.Task.WaitAsync(limit, cancel);

    public bool IsAnswered => _answer.Task.IsCompleted;

    public bool IsClosed => _closed.Task.IsCompleted;

    public void OnAnswer(string answer) => _answer.TrySetResult(answer);

    public void OnClosed(ulong code) => _closed.TrySetResult(code);
}

/// <summary>A tunnel that says what becomes of it.</summary>
internal interface ISignalling
{
    TunnelSignals Signals { get; }
}
